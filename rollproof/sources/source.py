"""The protocol of all sources: a baseline, a database, the migration's copies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from rollproof.model.detail import Detail
from rollproof.model.footprint import Footprint
from rollproof.model.snapshot import Facts, Origin
from rollproof.rows.progress import NO_PROGRESS, Progress
from rollproof.rows.scan import TableScan
from rollproof.rows.scan_cache import ScanCache
from rollproof.rows.suspects import NOBODY, Suspect
from rollproof.rows.tables import ScannableTable
from rollproof.server.reader import SnapshotReader
from rollproof.sources.baseline import Seal
from rollproof.sources.table_groups import TableGroup

CONTENT = ("rows", "content")  # the facets that cost a scan


@dataclass(frozen=True)
class Known:
    """The facts of one facet and group of tables, and the unknown ones: identity → reason."""

    facts: Mapping[str, str]
    unknown: Mapping[str, str]


class Source(Protocol):
    """Facts of one instant. What not every kind of source has, has a default here.

    `view` reads its database (None: a file), `seal` is that of its file, `notes` are sentences that belong with the verdict.
    """

    name: str
    notes: list[str]
    view: SnapshotReader | None = None
    seal: Seal | None = None

    @property
    def version(self) -> int:
        """The server's version, as `server_version_num` has it: 150018."""

    @property
    def origin(self) -> Origin | None:
        """Where and when the facts were read; None for copies, which are in the subject."""
        return None

    @property
    def tables(self) -> tuple[str, ...]:
        """Quoted, qualified names of its tables, sorted."""

    @property
    def scanned(self) -> tuple[str, ...]:
        """Those of them, and materialized views, whose rows are counted and fingerprinted."""

    @property
    def old(self) -> bool:
        """Whether rollproof 0.2.0 wrote it, which described some facts in another way."""
        return False

    @property
    def recorded(self) -> Mapping[str, Facts]:
        """The facets that are there without waiting; in a baseline also recorded plans and answers."""
        return {}

    def unread(self, facet: str) -> str:  # noqa: ARG002 (only what was written can have a hole)
        """Why a recorded facet is not among `recorded`, though it was to be recorded; "" if there is no such reason."""
        return ""

    def known(self, facet: str, group: TableGroup) -> Known:
        """Return the facts of one facet and group, waiting for them if need be. Raises `Inconclusive` if it cannot be read."""

    def unavailable(self, facet: str) -> str | None:
        """Why this source cannot have the facet (not an error); None if it can."""

    def retold(self, facet: str, sql: str) -> "Source | None":  # noqa: ARG002 (of what is no database nothing else can be asked)
        """Return one facet as another query returns it, in the same snapshot; None where that is not possible."""
        return None

    def scannable(self, table: str) -> ScannableTable | None:  # noqa: ARG002
        """Return the table for reading its rows; None if this source has none of it."""
        return None

    def rows_of(self, table: str) -> tuple[ScannableTable, str] | None:  # noqa: ARG002
        """Return the table for reading its rows, and what to call it; None if this kind of source has no rows of it.

        Raises `Inconclusive` where it should have the table and has not.
        """
        return None

    def hashes_of(self, table: str) -> bytes | None:  # noqa: ARG002
        """Return one hash for each row of a table, packed; None where none were kept, or another version made them."""
        return None

    def detail_of(self, table: str) -> Detail | None:  # noqa: ARG002
        """Return the sums of parts of a table; None where none were kept, or another version made them."""
        return None

    @property
    def footprints(self) -> Mapping[str, Footprint]:
        """What the server counts of each table; without those of which it was not asked, or could not be."""
        return {}

    def heard_by(self, hears: Callable[[str], object]) -> None:  # noqa: ARG002
        """Call this with each table once its rows are read, from any thread, perhaps twice; to be called before `begin`."""
        return

    def begin(self, first: Mapping[str, Suspect] = NOBODY) -> None:  # noqa: ARG002
        """Start to scan rows in the background, those of suspects `first`; without this a table is scanned when it is asked for."""
        return

    def has_read(self, table: str) -> bool:  # noqa: ARG002
        """Whether a table's rows are known without waiting for anything."""
        return True

    def begin_dump(self) -> None:
        """Start pg_dump in the background, where there is a database to dump."""
        return

    def keep_in(self, cache: ScanCache) -> None:  # noqa: ARG002
        """Write fingerprints to the cache, and do not scan again what it has; to be called before `begin`."""
        return

    def read_by_now(self) -> Mapping[str, TableScan]:
        """Return what is known of the rows of each table without waiting."""
        return {}

    def seconds(self) -> Mapping[str, float]:
        """Return how long its work in the background took, as far as it ended: `rows`, `pg_dump`."""
        return {}

    def progress(self) -> Progress:
        """Return how far the scans are."""
        return NO_PROGRESS

    def note(self, text: str) -> None:
        """Add a sentence that belongs with the verdict, once."""
        if text not in self.notes:
            self.notes.append(text)
