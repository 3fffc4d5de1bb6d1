"""A database as a source: the catalogue at once, rows when their scans are done, pg_dump when it has ended."""

from collections.abc import Callable, Container, Mapping
from functools import cached_property
from pathlib import Path

from rollproof.catalog.capture import Scope, capture, objects_of_the_log, retell
from rollproof.catalog.pg_dump import PgDump
from rollproof.catalog.queries import queries
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import facets_where, traits
from rollproof.model.footprint import Footprint
from rollproof.model.snapshot import Facts, Snapshot
from rollproof.rows.footprints import Counted, footprints
from rollproof.rows.progress import Progress
from rollproof.rows.scan import Content, TableScan
from rollproof.rows.scan_cache import ScanCache
from rollproof.rows.scanner import Scanner, outdated
from rollproof.rows.suspects import NOBODY, Suspect
from rollproof.rows.tables import ScannableTable, relations
from rollproof.rows.untouched import Counts, Untouched
from rollproof.server.reader import SnapshotReader
from rollproof.sources.recorded import Recorded
from rollproof.sources.source import CONTENT, Known
from rollproof.sources.table_groups import EVERYTHING, TableGroup

_LATE = facets_where(lambda row: row.late)


class Live(Recorded):
    """One database, read in one snapshot.

    `missing` are facets that this database cannot have, with the reason; `wanted` is the major version of the pg_dump that
    dumped the other source, if that is known. `dumped` starts pg_dump at once, because it may take long. Facets that somebody does
    `without` are not asked for. What was `counted` of its tables before the snapshot goes into a baseline.
    """

    view: SnapshotReader

    def __init__(  # noqa: PLR0913 (what it is of, and what the other side has to do with it)
        self,
        view: SnapshotReader,
        scope: Scope,
        name: str,
        missing: Mapping[str, str] | None = None,
        wanted: int | None = None,
        *,
        dumped: bool = False,
        without: Container[str] = (),
        counted: Counted | None = None,
    ) -> None:
        schemas = view.ask(scope.names)
        own = view.ask(lambda connection: objects_of_the_log(connection, scope.log_table))
        self._dump = PgDump(view, schemas, own, wanted)
        if dumped:
            self.begin_dump()
        super().__init__(capture(view, scope, without), name)
        self._missing = missing or {}
        self._counted = counted if counted and counted.epoch.started == view.place.started else None
        self.view = view
        self.scope = scope
        self._retold: dict[str, Recorded] = {}
        self._asked: dict[str, tuple[Facts, Facts]] = {}
        self._scans = Scanner(view, view.ask(lambda connection: relations(connection, schemas)))

    @cached_property
    def scanned(self) -> tuple[str, ...]:
        """Those with rows of their own."""
        return tuple(sorted(self._scans.tables))

    @cached_property
    def footprints(self) -> Mapping[str, Footprint]:
        """What the server counts of each table that is scanned, as it was when this was first asked; {} if it does not answer."""
        try:
            return self.view.ask(lambda connection: footprints(connection, self._scans.found))
        except Inconclusive:  # the rows tell without them
            return {}

    def heard_by(self, hears: Callable[[str], object]) -> None:
        """Call this with each table that is read."""
        self._scans.heard_by(hears)

    def begin(self, first: Mapping[str, Suspect] = NOBODY) -> None:
        """Start the scans, those of suspects `first`."""
        self._scans.begin(first)

    def has_read(self, table: str) -> bool:
        """Whether a table's rows are known without waiting."""
        return self._scans.has_read(table)

    def scans_of(self, wanted: Callable[[str], bool]) -> Scanner:
        """Return scans of these tables alone, not begun."""
        return self._scans.of_these(wanted)

    def scannable(self, table: str) -> ScannableTable | None:
        """Return the table for reading its rows; None if it has none of its own here."""
        return self._scans.scannable(table)

    def rows_of(self, table: str) -> tuple[ScannableTable, str]:
        """Return the table and what to call it. Raises `Inconclusive` if it is not in this database."""
        if held := self.scannable(table):
            return held, f"the reference {self.name}"
        raise Inconclusive(f"{table} is not in the reference {self.name}")

    def estimate(self, table: str) -> int | None:
        """Return the planner's row estimate (`reltuples`): -1 if never vacuumed or analysed, None for a partitioned table."""
        return self._scans.estimate(table)

    def progress(self) -> Progress:
        """Return how far the scans are."""
        return self._scans.progress()

    def read_by_now(self) -> Mapping[str, TableScan]:
        """Return what is known of the rows of each table without waiting."""
        return self._scans.read_by_now()

    def seconds(self) -> Mapping[str, float]:
        """Return how long the scans and pg_dump took."""
        took = {"rows": self._scans.seconds, "pg_dump": self._dump.seconds}
        return {what: seconds for what, seconds in took.items() if seconds}

    def keep_in(self, cache: ScanCache) -> None:
        """Write fingerprints to the cache, and do not scan again what it has; to be called before `begin`."""
        self._scans.keep_in(cache)

    def spare(self, was: Snapshot, moment: float) -> None:
        """Do not read tables that nobody wrote to since this baseline; to be called before `begin`.

        `moment` is the server's time, after the snapshot and before any other session of ours began.
        """
        rows, prints = (was.facets.get(facet, {}) for facet in CONTENT)
        whole = [table for table in rows.keys() & prints.keys() if not outdated(prints[table])]
        contents = {table: Content(int(rows[table]), prints[table]) for table in whole}
        self._scans.spare(Untouched(self.view, Counts(was.epoch, was.footprints, contents), moment, self.note))

    def begin_dump(self) -> None:
        """Start pg_dump."""
        self._dump.begin()

    def dumped(self, section: str) -> str:
        """Return one section of a dump of all definitions, as `PgDump.section` does."""
        return self._dump.section(section)

    def dump_command(self, file: Path) -> tuple[list[str], dict[str, str]]:
        """Return what dumps all of it into a file, as `PgDump.whole` does."""
        return self._dump.whole(file)

    def known(self, facet: str, group: TableGroup) -> Known:
        """Return the facts of these tables, waiting for their scans or for pg_dump where the facet needs that."""
        if facet not in CONTENT:
            return super().known(facet, group)
        facts, unknown = {}, {}
        for table in group.of(self._scans.tables):
            try:
                content = self._scans.of(table)
            except Inconclusive as error:
                unknown[table] = str(error)
            else:
                facts[table] = str(content.rows) if facet == "rows" else content.fingerprint
        return Known(facts, unknown)

    def retold(self, facet: str, sql: str) -> Recorded | None:
        """Return one facet as another query returns it, in the same snapshot; None if the server rejects the query."""
        if sql not in self._retold:
            try:
                facts, unknown = retell(self.view, self.scope, facet, sql)
            except Inconclusive:
                return None
            self._retold[sql] = Recorded(Snapshot(self.snapshot.origin, {facet: facts}, {facet: unknown}), self.name)
        return self._retold[sql]

    def _facts(self, facet: str) -> Facts:
        if traits(facet).late:
            return self.late(facet)[0]
        return self._dump.facts if facet == DUMP else super()._facts(facet)

    def _add_late(
        self, facets: dict[str, dict[str, str]], unknown: dict[str, dict[str, str]], absent: dict[str, str]
    ) -> None:
        for facet in sorted(_LATE):
            try:
                facts, hidden = self.late(facet)
            except Inconclusive as error:
                absent[facet] = str(error)  # no check needs it: a repair does without
                continue
            facets[facet] = dict(facts)
            if hidden:
                unknown[facet] = dict(hidden)

    def late(self, facet: str) -> tuple[Facts, Facts]:
        """Return the facts of a late facet, and the unknown ones. Raises `Inconclusive` if the server rejects the query."""
        if facet not in self._asked:
            self._asked[facet] = retell(self.view, self.scope, facet, queries(self.version)[facet])
        return self._asked[facet]

    def unavailable(self, facet: str) -> str | None:
        """Why the facet is not here: a restored dump does not have all, and pg_dump may not have run; else None."""
        if reason := self._missing.get(facet):
            return reason
        if traits(facet).late:
            return None
        return self._dump.unavailable if facet == DUMP else super().unavailable(facet)

    def definitions(self, why: str) -> Snapshot:
        """Return one snapshot of all definitions; what takes a scan or pg_dump is absent in it, for this reason."""
        facets, unknown = dict(self.snapshot.facets), dict(self.snapshot.unknown)
        absent = {**self.snapshot.absent, **dict.fromkeys((*CONTENT, DUMP), why)}
        self._add_late(facets, unknown, absent)
        return Snapshot(self.snapshot.origin, facets, unknown, absent)

    def complete(self, growing: Container[str] = (), *, detail: bool = False) -> Snapshot:
        """Wait for all scans and pg_dump, and return one snapshot; hashes of each row are kept first of `growing` tables.

        With `detail` it has sums of parts of tables, if nothing was scanned yet.
        """
        self.begin_dump()
        if detail:
            self._scans.keep_details()
        self.begin()
        facets, unknown = dict(self.snapshot.facets), dict(self.snapshot.unknown)
        absent = dict(self.snapshot.absent)
        self._add_late(facets, unknown, absent)
        if reason := self.unavailable(DUMP):
            absent[DUMP] = reason
        else:
            facets[DUMP] = dict(self._dump.facts)
        read = self._read_all(facets, unknown)
        hashes, details = self._scans.hashes(read, growing), self._scans.details(read)
        footprints, epoch = (self._scans.named(self._counted), self._counted.epoch) if self._counted else ({}, None)
        return Snapshot(self.snapshot.origin, facets, unknown, absent, hashes, footprints, epoch, details)

    def _read_all(self, facets: dict[str, dict[str, str]], unknown: dict[str, dict[str, str]]) -> dict[str, Content]:
        """Wait for all scans, add what they found, and return it."""
        for facet in CONTENT:
            known = self.known(facet, EVERYTHING)
            facets[facet] = dict(known.facts)
            if known.unknown:
                unknown[facet] = dict(known.unknown)
        rows, prints = (facets[facet] for facet in CONTENT)
        return {table: Content(int(rows[table]), prints[table]) for table in rows.keys() & prints.keys()}
