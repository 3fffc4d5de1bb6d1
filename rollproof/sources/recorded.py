"""A snapshot as a source: a baseline, or what was just read."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from rollproof.model.detail import Detail
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.facets import facets_where, traits
from rollproof.model.footprint import Footprint
from rollproof.model.snapshot import Facts, Origin, Snapshot
from rollproof.rows.scan import TableScan
from rollproof.rows.scanner import outdated
from rollproof.sources.baseline import Seal
from rollproof.sources.source import Known, Source
from rollproof.sources.table_groups import TableGroup, by_table


class Recorded(Source):
    """A snapshot, with the seal of its file if it came from one."""

    def __init__(self, snapshot: Snapshot, name: str, seal: Seal | None = None) -> None:
        self.snapshot = snapshot
        self.name = name
        self.seal = seal
        self.notes = []
        self._by_table: dict[str, dict[str | None, dict[str, str]]] = {}

    @property
    def sha256(self) -> str:
        """The SHA-256 of the snapshot in its file; "" if it came from none."""
        return self.seal.sha256 if self.seal else ""

    @property
    def signed(self) -> bool:
        """Whether its file was signed with the key that this run was given."""
        return self.seal is not None and self.seal.signed

    @property
    def origin(self) -> Origin:
        """Where and when the snapshot was taken."""
        return self.snapshot.origin

    @cached_property
    def old(self) -> bool:
        """Whether it lacks a facet to compare that only younger versions of rollproof ask for."""
        told = {*self.snapshot.facets, *self.snapshot.unknown, *self.snapshot.absent}
        return bool(facets_where(lambda row: row.since and row.holds != "input") - told)

    @property
    def recorded(self) -> Mapping[str, Facts]:
        """All facets of the snapshot."""
        return self.snapshot.facets

    @property
    def footprints(self) -> Mapping[str, Footprint]:
        """What the server counted of each table then; {} in a baseline of an older rollproof."""
        return self.snapshot.footprints

    def unread(self, facet: str) -> str:
        """Why a facet was not recorded, though somebody asked for it; "" if nobody did."""
        return self.snapshot.unknown.get(facet, {}).get("*", "")

    @property
    def version(self) -> int:
        """The server's version at that time, as `server_version_num` has it."""
        return self.snapshot.origin.server_version

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Its tables, foreign and partitioned ones included."""
        return self.snapshot.tables

    @cached_property
    def scanned(self) -> tuple[str, ...]:
        """Tables and materialized views with rows of their own, those included that could not be read.

        All tables, where none was meant to be read.
        """
        if "rows" in self.snapshot.absent:
            return self.tables
        return tuple(sorted({*self.snapshot.facts("rows"), *self.snapshot.unknown.get("rows", ())}))

    def unavailable(self, facet: str) -> str | None:
        """Why the snapshot does not have the facet: an older rollproof wrote it, or pg_dump did not run; else None."""
        if facet in self.snapshot.facets:
            return None
        reason = self.snapshot.absent.get(facet)
        if facet == DUMP:
            reason = reason or f"rollproof {self.snapshot.origin.tool} did not run it"
            return f"pg_dump said nothing about {self.name}: {reason}"
        if traits(facet).since and not reason and facet not in self.snapshot.unknown:
            return f"{self.name} was written by rollproof {self.snapshot.origin.tool}, which did not ask for it"
        return reason and f"{facet} cannot be read in {self.name}: {reason}"

    def known(self, facet: str, group: TableGroup) -> Known:
        """Return the snapshot's facts of these tables. Raises `Inconclusive` if it does not have the facet."""
        facts = self._facts(facet)
        unknown = self.snapshot.unknown.get(facet, {})
        if facet not in self._by_table:
            self._by_table[facet] = by_table({**facts, **unknown})
        mine = {identity for part in _parts(self._by_table[facet], group) for identity in part}
        known = {identity: facts[identity] for identity in mine if identity in facts}
        old = {identity: why for identity in known if facet == "content" and (why := outdated(known[identity]))}
        return Known(
            {identity: fact for identity, fact in known.items() if identity not in old},
            {identity: unknown[identity] for identity in mine if identity in unknown} | old,
        )

    def hashes_of(self, table: str) -> bytes | None:
        """Return the hashes of a table's rows; None where they were not kept, or of another kind than ours."""
        if outdated(self.snapshot.facets.get("content", {}).get(table, "")):
            return None
        return self.snapshot.hashes.get(table)

    def detail_of(self, table: str) -> Detail | None:
        """Return the sums of parts of a table; None where they were not kept, or of another kind than ours."""
        if outdated(self.snapshot.facets.get("content", {}).get(table, "")):
            return None
        return self.snapshot.details.get(table)

    def read_by_now(self) -> Mapping[str, TableScan]:
        """Return the numbers of rows that were recorded."""
        return {table: TableScan(int(rows)) for table, rows in self.snapshot.facets.get("rows", {}).items()}

    def _facts(self, facet: str) -> Facts:
        return self.snapshot.facts(facet)


def _parts(by_table: Mapping[str | None, dict[str, str]], group: TableGroup) -> Iterable[dict[str, str]]:
    if group.ungrouped:
        return [part for table, part in by_table.items() if table not in group.names]
    return [by_table[table] for table in group.names if table in by_table]
