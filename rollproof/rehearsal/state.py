"""What a database is at one moment of a rehearsal, and what differs between two moments: a verdict without a run of pytest."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from rollproof.catalog.concurrent_ddl import steadily
from rollproof.commands.verification import limits, scope_of
from rollproof.migration.bookkeeping import kept_books
from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import facets_where
from rollproof.model.finding import Finding
from rollproof.model.snapshot import Snapshot
from rollproof.probes.leftovers import owners_of_sequences
from rollproof.server.private_reader import PrivateReader
from rollproof.server.reader import Target
from rollproof.settings.options import Settings
from rollproof.sources.live import Live
from rollproof.sources.recorded import Recorded
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.system.deadline import NEVER, Deadline
from rollproof.verdict.repairs import Repairs
from rollproof.verdict.waivers import Waivers

WITHOUT = frozenset({"planner_statistics"}) | facets_where(lambda row: row.holds == "input")
"""Facets that no verdict needs: their differences heal by one ANALYZE, or nobody compares them."""


@dataclass(frozen=True)
class State:
    """All facts of a database at one moment, rows included; pg_dump was not asked."""

    recorded: Recorded

    @property
    def tables(self) -> tuple[str, ...]:
        """Its tables, quoted, with their schema."""
        return self.recorded.tables


@dataclass(frozen=True)
class States:
    """Takes states of databases, and tells what differs between two, by the settings of a rehearsal."""

    settings: Settings
    deadline: Deadline = NEVER

    def taken(self, url: str) -> State:
        """Return the state of the database at this address. Raises `Inconclusive` if something cannot be read."""
        return steadily(lambda: self._once(url))

    def _once(self, url: str) -> State:
        with PrivateReader(Target.parse(url), limits(self.settings, self.deadline)) as view:
            live = Live(view, scope_of(self.settings), "the throw-away database", without=WITHOUT)
            live.begin()
            snapshot = live.snapshot
            facets, unknown = dict(snapshot.facets), dict(snapshot.unknown)
            for facet in CONTENT:
                known = live.known(facet, EVERYTHING)
                facets[facet] = dict(known.facts)
                if known.unknown:
                    unknown[facet] = dict(known.unknown)
        if unknown:
            facet, why = next(iter(unknown.items()))
            raise Inconclusive(f"the throw-away database cannot be read: {facet}: {next(iter(why.values()))}")
        taken = Snapshot(snapshot.origin, facets, {}, dict(snapshot.absent))
        return State(Recorded(taken, "the throw-away database"))

    def findings(self, before: State, after: State) -> tuple[Finding, ...]:
        """Return what is not as it was; not what is accepted, what heals, and what a tool's own books are expected to hold."""
        was, now = before.recorded, after.recorded
        today = datetime.datetime.now(tz=datetime.UTC).date()
        owned = owners_of_sequences(now.snapshot.facets.get("sequences", {}))
        accepted = Waivers(self.settings.waiver, today, owned, expected=tuple(kept_books(was, now)))
        differ = list(Repairs(was, now, accepted).differences)
        differ += accepted.unaccepted(_of_rows(was, now))
        return tuple(Finding.of(each) for each in differ)


def _of_rows(was: Recorded, now: Recorded) -> Iterator[Difference]:
    """Yield the differences of rows in tables that are on both sides; of a table that is missing, its own fact tells."""
    for facet in CONTENT:
        before, after = was.snapshot.facets[facet], now.snapshot.facets[facet]
        both = before.keys() & after.keys()
        yield from compare(facet, {each: before[each] for each in both}, {each: after[each] for each in both})
