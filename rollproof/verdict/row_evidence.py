"""Which rows of a table differ: the first of them for the reports and, on request, all of them in a file.

Keys are shown and columns named; values only where the user asked for them.
"""

import hashlib
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rollproof.backup.copies import Copies, fact_about
from rollproof.backup.materialized_views import MaterializedViews
from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import DifferingRow, RowReport
from rollproof.model.names import listed, respelled
from rollproof.model.plain_text import LONGEST
from rollproof.rows.per_row_hashes import Tally, tally
from rollproof.rows.row_diff import (
    CHANGED,
    EXTRA,
    MISSING,
    REPEATED,
    RESPELLED,
    FetchedRow,
    FetchRows,
    Pair,
    RowChange,
    find_changes,
)
from rollproof.rows.tables import ScannableTable
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT, Source
from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.row_file import append, emptied

NOBODY = (
    "the baseline keeps a fingerprint of each table, no rows; the rows can be named with --reference backup "
    "(the migration's copies), --reference URL (a database as it was) or --backup-file (a dump)"
)

# What identifies a row: the primary key, or the narrowest unique index that takes every row and no NULL.
_KEY = """
SELECT array_agg(quote_ident(a.attname) ORDER BY k.place)
FROM pg_catalog.pg_index AS i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
WHERE i.indrelid = $1::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND k.place <= i.indnkeyatts
GROUP BY i.indexrelid, i.indisprimary, i.indnkeyatts
HAVING bool_and(a.attnotnull) AND count(a.attname) = i.indnkeyatts
ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1
"""
_PRIMARY = re.compile(r"PRIMARY KEY \((?P<columns>.*?)\)(?: INCLUDE .*)?(?: DEFERRABLE.*)?")


@dataclass
class Found:
    """What is known of one table's differing rows: how many of each kind, the first of them, and whether these are all."""

    against: str
    pair: Pair
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[DifferingRow] = field(default_factory=list)
    complete: bool = True


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

    def of(self, table: str) -> RowReport | None:
        """Return which rows of a table differ, or why they cannot be named; None if nobody wants to know."""
        if note := self.views.note(table):
            return RowReport(table, note=note)
        if not (self._wanted.rows or self._wanted.file):
            return None
        try:
            found = self.found(table)
        except Inconclusive as error:
            counted = self.tally(table)
            return RowReport(table, unnamed=str(error), counted=str(counted or ""))
        return RowReport(
            table,
            found.against,
            {kind: found.counts[kind] for kind in _KINDS if found.counts[kind]},
            found.complete,
            tuple(found.rows),
            sum(found.counts.values()) - len(found.rows),
            found.pair.on_one_side,
            str(self._wanted.file or ""),
        )

    def may_grow(self, table: str) -> bool:
        """Whether rows may be added to a table."""
        return table in self._wanted.growing

    def is_growth(self, difference: Difference) -> bool:
        """Whether a difference is nothing but rows added to a table that may grow."""
        return None not in (difference.before, difference.after) and self.only_grew(difference.identity)

    def only_grew(self, table: str) -> bool:
        """Whether a table that may grow only has rows more than before: none is lost or changed.

        Raises `Inconclusive` if there are no rows to tell it by.
        """
        if not self.may_grow(table):
            return False
        if counted := self.tally(table):
            return not counted.lost
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
            found = Found(*self.pair(table))
            found.complete = find_changes(
                found.pair, self.size(table), lambda some, look: self._take(table, found, some, look)
            )
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

    def _take(self, table: str, found: Found, some: Sequence[RowChange], look: FetchRows) -> bool:
        found.counts.update(kind_of_change(each, keyed=bool(found.pair.key)) for each in some)
        room = max(0, self._wanted.rows - len(found.rows))
        wanted = list(some if self._wanted.file else some[:room])
        if wanted:
            looked_up = [look(held, places) for held, places in _places(found.pair, wanted)]
            rows = [self._row(found.pair, each, looked_up) for each in wanted]
            found.rows += map(_cut, rows[:room])
            if self._wanted.file:
                append(self._wanted.file, [{"table": table, "against": found.against, **_record(row)} for row in rows])
        return bool(self._wanted.file) or table in self._wanted.growing or len(found.rows) < self._wanted.rows

    def _row(self, pair: Pair, each: RowChange, looked_up: Sequence[Mapping[str, FetchedRow]]) -> DifferingRow:
        was, now = (
            rows.get(place) if place else None for rows, place in zip(looked_up, (each.was, each.now), strict=True)
        )
        shown = self._wanted.values
        return DifferingRow(
            each.kind,
            each.rows,
            _changed(pair, each, was, now),
            key_before=_named(pair.key, was.key) if was else None,
            key_after=_named(pair.key, now.key) if now else None,
            image=next((_image(row) for row in (was, now) if row and not pair.key), ""),
            before=_named(pair.columns, was.values) if was and shown else None,
            after=_named(pair.columns, now.values) if now and shown else None,
        )


MORE = "repeated more often"
"""The kind of change of a table without a key to which rows were added that are like one that was there."""
_KINDS = (CHANGED, RESPELLED, MISSING, EXTRA, REPEATED, MORE)


def kind_of_change(each: RowChange, *, keyed: bool) -> str:
    """Return the kind of a change, in words; without a key, whether rows that were there are repeated more often."""
    return MORE if each.kind == REPEATED and not keyed and each.rows[1] > each.rows[0] else each.kind


def _places(pair: Pair, wanted: Sequence[RowChange]) -> list[tuple[ScannableTable, list[str]]]:
    return [
        (pair.was, [each.was for each in wanted if each.was]),
        (pair.now, [each.now for each in wanted if each.now]),
    ]


def _changed(pair: Pair, each: RowChange, was: FetchedRow | None, now: FetchedRow | None) -> tuple[str, ...]:
    """Return the columns that changed."""
    if not (was and now) or each.kind not in (CHANGED, RESPELLED):
        return ()
    columns = zip(pair.columns, was.hashes, now.hashes, strict=True)
    hidden = pair.key if each.kind == RESPELLED else ()
    return tuple(name for name, before, after in columns if before != after and name not in hidden)


def _image(row: FetchedRow) -> str:
    return hashlib.sha256(repr(row.hashes).encode()).hexdigest()[:12]


def _named(names: Sequence[str], texts: Sequence[str | None]) -> dict[str, str | None]:
    return dict(zip(names, texts, strict=True))


def _cut(row: DifferingRow) -> DifferingRow:
    """Return the row without the rest of long values: a report is no place for megabytes."""
    return replace(
        row,
        key_before=_shortened(row.key_before),
        key_after=_shortened(row.key_after),
        before=_shortened(row.before),
        after=_shortened(row.after),
    )


def _shortened(side: Mapping[str, str | None] | None) -> Mapping[str, str | None] | None:
    return side and {name: text and text[: LONGEST + 1] for name, text in side.items()}


def _record(row: DifferingRow) -> dict[str, object]:
    """Return the row as a line of the evidence file has it; `before` and `after` hold the values, where they may be told."""
    record: dict[str, object] = {"kind": row.kind, "rows": row.rows, "columns": row.columns}
    for name in ("key_before", "before", "key_after", "after"):
        if (side := getattr(row, name)) is not None:
            record[name] = side
    return record


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
