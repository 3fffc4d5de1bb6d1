"""Frozen facts about a database."""

from collections.abc import Mapping

import msgspec

from rollproof.model.detail import Detail
from rollproof.model.errors import Inconclusive
from rollproof.model.footprint import Epoch, Footprint
from rollproof.model.printable import remember

Facts = Mapping[str, str]  # identity → description


class Origin(msgspec.Struct, frozen=True):
    """Where and when a snapshot was taken, and by whom; times are the server's.

    `system` is the cluster's identifier (`pg_control_system()`), which a physical copy shares and a logical copy does not;
    "" where the role may not ask for it. `host` and `port` are what was connected to, `role` the database's, `by` the operating
    system's user and machine; rollproof 0.2.0 kept none of these.
    """

    database: str
    system: str
    server_version: int
    taken: str
    schemas: tuple[str, ...] | None  # as configured; None: every schema
    tool: str
    host: str = ""
    port: str = ""
    role: str = ""
    by: str = ""


class Snapshot(msgspec.Struct, frozen=True):
    """Facet → identity → description, of one instant.

    `unknown` names the facts that could not be had: facet → identity → reason, where the identity `*` stands for all of
    the facet. Unknown is never equal to anything. `absent` names the facets that nobody promised, facet → reason: they are
    not checked, and the snapshot is complete without them. `hashes` are of the rows of small tables: table → eight bytes a
    row, sorted. `footprints` are what the server counted of each table in that `epoch`; older baselines have none.
    `details` are sums of parts of tables (`capture --detail`).
    """

    origin: Origin
    facets: dict[str, dict[str, str]]
    unknown: dict[str, dict[str, str]] = {}
    absent: dict[str, str] = {}
    hashes: dict[str, bytes] = {}
    footprints: dict[str, Footprint] = {}
    epoch: Epoch | None = None
    details: dict[str, Detail] = {}

    def __post_init__(self) -> None:
        for facts in self.facets.values():
            remember(facts)

    def facts(self, facet: str) -> Facts:
        """Return all facts of one facet. Raises `Inconclusive` if it was not captured: silence is not proof."""
        if reason := self.unknown.get(facet, {}).get("*"):
            raise Inconclusive(f"{facet} could not be read: {reason}")
        if reason := self.absent.get(facet):
            raise Inconclusive(f"{facet} could not be read: {reason}")
        if facet not in self.facets:
            raise Inconclusive(
                f"{facet} was not captured from {self.origin.database} (by rollproof {self.origin.tool})"
            )
        return self.facets[facet]

    @property
    def tables(self) -> tuple[str, ...]:
        """The quoted, qualified names of the tables, sorted."""
        return tuple(sorted(self.facts("tables")))
