"""What a database is at one moment of a rehearsal, and what differs between two moments: a verdict without a run of pytest."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import psycopg

from rollproof.commands.verification import limits, scope_of
from rollproof.migration.bookkeeping import bookkeeping, kept_books
from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import facets_where
from rollproof.model.finding import Finding
from rollproof.model.snapshot import Snapshot
from rollproof.probes.leftovers import owners_of_sequences
from rollproof.server.private_reader import PrivateReader
from rollproof.server.reader import Connection, Target
from rollproof.settings.options import Settings
from rollproof.settings.waiver import Waiver
from rollproof.sources.live import Live
from rollproof.sources.recorded import Recorded
from rollproof.sources.shared_objects import as_if_here
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.system.deadline import NEVER, Deadline
from rollproof.verdict.repairs import Repairs
from rollproof.verdict.waivers import Waivers

WITHOUT = frozenset({"planner_statistics"}) | facets_where(lambda row: row.holds == "input")
"""Facets that no verdict needs: their differences heal by one ANALYZE, or nobody compares them."""
SHARED = facets_where(lambda row: row.shared)
LARGE_OBJECTS = "the bytes of large objects"
_LARGE_OBJECTS = b"""
    SELECT pg_catalog.count(*), pg_catalog.md5(pg_catalog.string_agg(each.pages, '' ORDER BY each.pages))
    FROM (
        SELECT pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat(pageno, pg_catalog.md5(data)), ' ' ORDER BY pageno)) AS pages
        FROM pg_catalog.pg_largeobject
        GROUP BY loid
    ) AS each
"""


@dataclass(frozen=True)
class State:
    """All facts of a database at one moment, rows included; pg_dump was not asked.

    Of tables that a tool lengthens and never shortens the rows are `listed`, by their digests.
    """

    recorded: Recorded
    listed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def tables(self) -> tuple[str, ...]:
        """Its tables, quoted, with their schema."""
        return self.recorded.tables

    @property
    def has_rows(self) -> bool:
        """Whether any table has a row."""
        return len(self.empty) < len(self.recorded.snapshot.facets["rows"])

    @property
    def empty(self) -> frozenset[str]:
        """The tables without rows."""
        return frozenset(table for table, rows in self.recorded.snapshot.facets["rows"].items() if rows == "0")


@dataclass
class States:
    """Takes states of databases, and tells what differs between two, by the settings of a rehearsal.

    With `keeps_session` its session stays in the database until `let_go`: the next state takes a third of the time, but nobody can
    drop, rename or copy the database meanwhile without ending it. Where the `whole_server` is ours, roles and tablespaces that
    concern no object are compared, too, and the bytes of large objects.
    """

    settings: Settings
    deadline: Deadline = NEVER
    keeps_session: bool = False
    whole_server: bool = False
    _kept: tuple[str, PrivateReader] | None = None

    def taken(self, url: str) -> State:
        """Return the state of the database at this address. Raises `Inconclusive` if something cannot be read."""
        reader = self._reader(url)
        try:
            with reader.begun():
                return self._read(reader)
        except psycopg.OperationalError as error:
            if self._kept is None:
                raise Inconclusive(f"the throw-away database cannot be read: {error}") from error
        finally:
            if not self.keeps_session:
                reader.close()
        self.let_go()  # its session was ended when the database was copied
        return self.taken(url)

    def let_go(self) -> None:
        """End the session that was kept."""
        if self._kept:
            self._kept[1].close()
            self._kept = None

    def _reader(self, url: str) -> PrivateReader:
        if self._kept and self._kept[0] == url:
            return self._kept[1]
        self.let_go()
        reader = PrivateReader(Target.parse(url), limits(self.settings, self.deadline))
        if self.keeps_session:
            self._kept = url, reader
        return reader

    def _read(self, reader: PrivateReader) -> State:
        live = Live(reader, scope_of(self.settings), "the throw-away database", without=WITHOUT)
        live.begin()
        snapshot = live.snapshot
        facets, unknown = dict(snapshot.facets), dict(snapshot.unknown)
        for facet in CONTENT:
            known = live.known(facet, EVERYTHING)
            facets[facet] = {table: fact for table, fact in known.facts.items() if table != live.scope.log_table}
            if known.unknown:
                unknown[facet] = dict(known.unknown)
        if self.whole_server:
            facets["content"] |= {LARGE_OBJECTS: " ".join(map(str, reader.ask(_bytes_of_large_objects)))}
            facets |= {facet: as_if_here(facets[facet]) for facet in SHARED & facets.keys()}
        if unknown:
            facet, why = next(iter(unknown.items()))
            raise Inconclusive(f"the throw-away database cannot be read: {facet}: {next(iter(why.values()))}")
        taken = Snapshot(snapshot.origin, facets, {}, dict(snapshot.absent))
        recorded = Recorded(taken, "the throw-away database")
        lists = [table for table, each in bookkeeping(recorded).items() if each.grows]
        return State(recorded, {table: reader.ask(partial(_digests, table)) for table in lists})

    def unread(self, state: State) -> tuple[str, ...]:
        """Return what there is that is not compared, one sentence each."""
        some = not self.whole_server and state.recorded.snapshot.facets["large_objects"]
        return (f"{LARGE_OBJECTS}, which only a superuser of a throw-away server may read",) if some else ()

    def findings(self, before: State, after: State) -> tuple[Finding, ...]:
        """Return what is not as it was; not what is accepted, what heals, and what a tool's own books are expected to hold."""
        was, now = before.recorded, after.recorded
        today = datetime.datetime.now(tz=datetime.UTC).date()
        owned = owners_of_sequences(now.snapshot.facets.get("sequences", {}))
        books = (each for each in kept_books(was, now, anew=False) if not _is_shorter(each, before, after))
        accepted = Waivers(self.settings.waiver, today, owned, expected=tuple(books))
        differ = list(Repairs(was, now, accepted).differences)
        differ += accepted.unaccepted(_of_rows(was, now))
        found = tuple(Finding.of(each) for each in differ)
        return () if all(_is_stale(each, now) for each in found) else found


def _bytes_of_large_objects(connection: Connection) -> Sequence[object]:
    """Return how many large objects have bytes, and a digest of these that knows no numbers. Only a superuser may read them."""
    return connection.execute(_LARGE_OBJECTS).fetchone() or ()


def _digests(table: str, connection: Connection) -> frozenset[str]:
    rows = connection.execute(f"SELECT pg_catalog.md5(ROW(each.*)::text) FROM ONLY {table} AS each".encode()).fetchall()
    return frozenset(str(digest) for (digest,) in rows)


def _is_shorter(accepted: Waiver, before: State, after: State) -> bool:
    """Tell whether it would accept that rows are lost of a table that is only lengthened."""
    table = accepted.identity
    return table in before.listed and not before.listed[table] <= after.listed.get(table, frozenset())


def _is_stale(finding: Finding, now: Recorded) -> bool:
    """Tell whether it is about a materialized view's rows: where nothing else differs, only the moment of its refresh does."""
    view = now.snapshot.facets["views"].get(finding.subject, "")
    return finding.check in CONTENT and view.startswith("materialized view")


def _of_rows(was: Recorded, now: Recorded) -> Iterator[Difference]:
    """Yield the differences of rows in tables that are on both sides; of a table that is missing, its own fact tells."""
    for facet in CONTENT:
        before, after = was.snapshot.facets[facet], now.snapshot.facets[facet]
        both = before.keys() & after.keys()
        yield from compare(facet, {each: before[each] for each in both}, {each: after[each] for each in both})
