"""Which rows of a table differ: the first of them for the reports and, on request, all of them in a file.

Keys are shown and columns named; values only where the user asked for them.
"""

import re
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from rollproof.backup.copies import Copies, fact_about
from rollproof.backup.materialized_views import MaterializedViews
from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import ColumnChange, DifferingRow, RowReport
from rollproof.model.names import listed, respelled
from rollproof.model.plain_text import LONGEST
from rollproof.model.row_words import CHANGED, RESPELLED
from rollproof.rows.paired_tables import Pair
from rollproof.rows.per_row_hashes import Tally, tally
from rollproof.rows.row_diff import EXTRA, MISSING, REPEATED, RowChange, both_sides, find_changes
from rollproof.rows.row_key import row_key
from rollproof.rows.row_lookup import ALTERED, EMPTIED, FILLED, Lookup
from rollproof.rows.row_lookup import Wanted as OfARow
from rollproof.rows.tables import ScannableTable
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT, Source
from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.row_file import append, emptied
from rollproof.verdict.row_whereabouts import RowWhereabouts
from rollproof.verdict.shown_rows import cut, differing_row, letters, record

FIRST_AT_ONCE = 4
"""Rows that are looked up first; how large they are tells how many are looked up next, for a value may have a gigabyte."""
HELD_AT_ONCE = 4_000_000
"""Letters of keys and values that should be in memory at a time."""
NOBODY = (
    "the baseline keeps a fingerprint of each table, no rows; the rows can be named with --reference backup "
    "(the migration's copies), --reference URL (a database as it was) or --backup-file (a dump)"
)

# What identifies a row: the primary key, or the narrowest unique index that takes every row and no NULL. A NOT NULL that was never
# validated (PostgreSQL 18) lets some stay.
_KEY = row_key("$1::regclass")
_PRIMARY = re.compile(r"PRIMARY KEY \((?P<columns>.*?)\)(?: INCLUDE .*)?(?: DEFERRABLE.*)?")


@dataclass
class Found:
    """What is known of one table's differing rows: how many of each kind, the first of them, and whether these are all.

    `columns` says in how many of them each column differs, and how.
    """

    against: str
    pair: Pair
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[DifferingRow] = field(default_factory=list)
    complete: bool = True
    columns: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def by_column(self) -> tuple[ColumnChange, ...]:
        """The columns that differ, those that differ most first."""
        told = (ColumnChange(name, *(how[way] for way in _WAYS)) for name, how in self.columns.items())
        return tuple(sorted(told, key=lambda each: (-each.rows, each.column)))


@dataclass(frozen=True)
class Wanted:
    """What the user asked for: how many rows to name for each table, a file for all, values, and which tables may grow."""

    rows: int = 20
    file: Path | None = None
    values: bool = False
    growing: frozenset[str] = frozenset()


class RowEvidence:
    """Finds the rows that differ; each table is read once, when it is first asked about.

    Raises `Misuse` if the file cannot be written.
    """

    def __init__(self, before: Source, after: Live, copies: Copies, wanted: Wanted) -> None:
        self.views = MaterializedViews(before, after)
        self.seconds = 0.0
        """How long it took until now to find out which rows differ."""
        self._sides = (before, after, copies)
        self._wanted = replace(wanted, file=wanted.file and emptied(wanted.file))
        self._found: dict[str, Found] = {}
        self._tallies: dict[str, Tally | None] = {}
        self._whereabouts = RowWhereabouts(before, after)

    def of(self, table: str) -> RowReport | None:
        """Return which rows of a table differ, or why they cannot be named; None if nobody wants to know."""
        if note := self.views.note(table):
            return RowReport(table, note=note)
        if not (self._wanted.rows or self._wanted.file):
            return None
        try:
            found = self.found(table)
        except Inconclusive as error:
            return self._unnamed(table, str(error))
        return RowReport(
            table,
            found.against,
            {kind: found.counts[kind] for kind in _KINDS if found.counts[kind]},
            found.complete,
            tuple(found.rows),
            sum(found.counts.values()) - len(found.rows),
            found.pair.on_one_side,
            str(self._wanted.file or ""),
            columns=found.by_column,
        )

    def _unnamed(self, table: str, why: str) -> RowReport:
        counted, found = self.tally(table), None
        with suppress(Inconclusive):  # nobody needs it but the reader
            found = self._whereabouts.of(table)
        words, ranges = (found.words, found.ranges) if found else ("", ())
        return RowReport(table, unnamed=why, counted=str(counted or ""), where=words, ranges=ranges)

    def may_grow(self, table: str) -> bool:
        """Whether rows may be added to a table."""
        return table in self._wanted.growing

    def is_growth(self, difference: Difference) -> bool:
        """Whether a difference is nothing but rows added to a table that may grow; fewer rows than before are lost in any case."""
        was, now = difference.before, difference.after
        if was is None or now is None or (difference.facet == "rows" and int(now) < int(was)):
            return False
        return self.only_grew(difference.identity)

    def only_grew(self, table: str) -> bool:
        """Whether a table that may grow only has rows more than before: none is lost or changed.

        Raises `Inconclusive` if there are no rows to tell it by.
        """
        if not self.may_grow(table):
            return False
        if counted := self.tally(table):
            return not counted.lost
        if (where := self._whereabouts.of(table)) and where.only_new:
            return True
        try:
            found = self.found(table)
        except Inconclusive as error:
            raise Inconclusive(
                f"{table} may grow, and something changed; to tell whether that is all: {error}"
            ) from error
        return found.complete and not found.pair.on_one_side and set(found.counts) <= {EXTRA, MORE}

    def tally(self, table: str) -> Tally | None:
        """Return how many of the baseline's rows are still there; None if the baseline has no hashes of this table's rows."""
        if table not in self._tallies:
            self._tallies[table] = self._tallied(table)
        return self._tallies[table]

    def _tallied(self, table: str) -> Tally | None:
        before, after, _ = self._sides
        was, now = before.hashes_of(table), after.scannable(table)
        if was is None or now is None:
            return None
        return now.ask(lambda connection: tally(connection, now.relation, was))

    def found(self, table: str) -> Found:
        """Return which rows of one table differ. Raises `Inconclusive` if there is nothing to compare them with."""
        if table not in self._found:
            self._found[table] = self._look_at(table)
        return self._found[table]

    def _look_at(self, table: str) -> Found:
        began = time.monotonic()
        try:
            (against, pair), rows = self.pair(table), self.size(table)
            found = Found(against, self._whereabouts.narrowed(table, pair, rows))
            found.complete = find_changes(found.pair, rows, lambda some, look: self._take(table, found, some, look))
        finally:
            self.seconds += time.monotonic() - began
        return found

    def pair(self, table: str) -> tuple[str, Pair]:
        """Return what a table's rows are compared with, and both. Raises `Inconclusive` if there is nothing, or no such table."""
        now = self._sides[1].scannable(table)
        if now is None:
            raise Inconclusive(f"{table} is not there any more")
        was, against = self.witness(table)
        return against, Pair(was, now, self._key(table, was, now))

    def size(self, table: str) -> int:
        """Return how many rows the larger of both has."""
        return max(int(fact_about(side, "rows", table)) for side in self._sides[:2])

    def witness(self, table: str) -> tuple[ScannableTable, str]:
        """Return the rows that a table's are compared with, and what to call them. Raises `Inconclusive` if there are none."""
        before, _, copies = self._sides
        if rows := before.rows_of(table):
            return rows
        if (rows := copies.rows_of(table)) is None:
            raise Inconclusive(NOBODY)
        held, copy = rows
        if any(fact_about(before, facet, table) != fact_about(copies, facet, table) for facet in CONTENT):
            raise Inconclusive(f"{copy} is not as in the baseline either, so no rows can be named by it")
        return held, f"{copy}, which is as in the baseline"

    def _key(self, table: str, was: ScannableTable, now: ScannableTable) -> tuple[str, ...]:
        key = _key_of(was) or _key_of(now) or _recorded_key(self._sides[0], table)
        return key if set(key) <= set(Pair(was, now, ()).columns) else ()

    def _take(self, table: str, found: Found, some: Sequence[RowChange], look: Lookup) -> bool:
        found.counts.update(kind_of_change(each, keyed=bool(found.pair.key)) for each in some)
        if self._wanted.rows or self._wanted.file:
            for column, how in look.by_column(both_sides(some)).items():
                found.columns.setdefault(column, Counter()).update(how)
        left = list(some if self._wanted.file else some[: self._room(found)])
        at_once = FIRST_AT_ONCE if self._wanted.values else max(1, len(left))  # no key is large
        while left:
            rows = self._rows(found.pair, left[:at_once], look)
            left = left[at_once:]
            at_once = min(4 * at_once, max(1, HELD_AT_ONCE * len(rows) // max(1, sum(map(letters, rows)))))
            found.rows += map(cut, rows[: self._room(found)])
            if self._wanted.file:
                append(self._wanted.file, [{"table": table, "against": found.against, **record(row)} for row in rows])
        return bool(self._wanted.file) or table in self._wanted.growing or len(found.rows) < self._wanted.rows

    def _room(self, found: Found) -> int:
        """Return how many more rows are to be named."""
        return max(0, self._wanted.rows - len(found.rows))

    def _rows(self, pair: Pair, wanted: Sequence[RowChange], look: Lookup) -> list[DifferingRow]:
        of_each = OfARow(self._wanted.values, None if self._wanted.file else LONGEST + 1)
        looked_up = [look.rows(held, places, of_each) for held, places in _places(pair, wanted)]
        return [differing_row(pair, each, looked_up, values=self._wanted.values) for each in wanted]


MORE = "repeated more often"
"""The kind of change of a table without a key to which rows were added that are like one that was there."""
_WAYS = (FILLED, EMPTIED, ALTERED)
_KINDS = (CHANGED, RESPELLED, MISSING, EXTRA, REPEATED, MORE)


def kind_of_change(each: RowChange, *, keyed: bool) -> str:
    """Return the kind of a change, in words; without a key, whether rows that were there are repeated more often."""
    return MORE if each.kind == REPEATED and not keyed and each.rows[1] > each.rows[0] else each.kind


def _places(pair: Pair, wanted: Sequence[RowChange]) -> list[tuple[ScannableTable, list[str]]]:
    return [
        (pair.was, [each.was for each in wanted if each.was]),
        (pair.now, [each.now for each in wanted if each.now]),
    ]


def _key_of(held: ScannableTable) -> tuple[str, ...]:
    row = held.view.ask(lambda connection: connection.execute(_KEY.encode(), (held.relation.name,)).fetchone())
    return tuple(map(respelled, row[0])) if row else ()  # type: ignore[call-overload] # an array of text


def _recorded_key(before: Source, table: str) -> tuple[str, ...]:
    if before.unavailable("constraints"):
        return ()
    for text in before.known("constraints", TableGroup(table, frozenset([table]))).facts.values():
        if found := _PRIMARY.fullmatch(text):
            return listed(found["columns"])
    return ()
