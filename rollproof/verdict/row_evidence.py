"""Which rows a difference of contents is about, in words for the report and, on request, all of them in a file.

Keys are shown and columns named; values only where the person asked for them.
"""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rollproof.backup.copies import Copies, told
from rollproof.backup.materialized_views import Materialised
from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive
from rollproof.model.names import listed, respelled
from rollproof.rows.per_row_hashes import Tally, tally
from rollproof.rows.row_diff import (
    CHANGED,
    EXTRA,
    MISSING,
    REPEATED,
    RESPELLED,
    FetchRows,
    Pair,
    Row,
    RowChange,
    find_changes,
)
from rollproof.rows.tables import ScannableTable
from rollproof.sources.source import CONTENT, Live, Recorded, Source, TableGroup
from rollproof.verdict.row_file import append, emptied

LONGEST = 200  # letters of one value on a line; the file has all of them

NOBODY = (
    "which rows: the baseline keeps a fingerprint of each table, no rows; the rows can be named with --reference backup "
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
    """What is known of one table's differing rows: how many of each kind, the first of them in words, and if these are all."""

    against: str
    pair: Pair
    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)
    complete: bool = True


@dataclass(frozen=True)
class Wanted:
    """What the person asked for: rows to name for each table, a file for all of them, values, and which tables may grow."""

    rows: int = 20
    file: Path | None = None
    values: bool = False
    growing: frozenset[str] = frozenset()


class Evidence:
    """Names rows; each table is looked at once, when first asked about. Raises `Misuse` if the file cannot be written."""

    def __init__(self, before: Source, after: Live, copies: Copies, wanted: Wanted) -> None:
        self.views = Materialised(before, after)
        self._sides = (before, after, copies)
        self._wanted = replace(wanted, file=wanted.file and emptied(wanted.file))
        self._found: dict[str, Found] = {}
        self._tallies: dict[str, Tally | None] = {}

    def of(self, table: str) -> tuple[str, ...]:
        """Return the sentences about one table's rows; why there are none, where they cannot be named."""
        if not (self._wanted.rows or self._wanted.file):
            return ()
        try:
            found = self.found(table)
        except Inconclusive as error:
            counted = self.tally(table)
            why = str(error) if str(error) == NOBODY else f"which rows: {error}"
            return (f"how many rows: {counted}", why) if counted else (why,)
        return (*_summary(found), *found.lines, *self._rest(found))

    def _rest(self, found: Found) -> tuple[str, ...]:
        left = sum(found.counts.values()) - len(found.lines)
        if self._wanted.file:
            return (f"- all {left + len(found.lines):,} of them in {self._wanted.file}",)
        return (f"- and {left:,} more: --evidence N shows more, --evidence-file FILE all of them",) if left else ()

    def is_growth(self, difference: Difference) -> bool:
        """Tell whether this is nothing but rows added to a table that may grow."""
        return None not in (difference.before, difference.after) and self.only_grew(difference.identity)

    def only_grew(self, table: str) -> bool:
        """Tell whether the table may grow, and rows were added and none lost or changed.

        Raises `Inconclusive` if there are no rows to tell it by.
        """
        if table not in self._wanted.growing:
            return False
        if counted := self.tally(table):
            return not counted.lost
        try:
            found = self.found(table)
        except Inconclusive as error:
            raise Inconclusive(
                f"{table} may grow, and something changed; to tell whether that is all: {error}"
            ) from error
        return found.complete and not found.pair.on_one_side and set(found.counts) <= {EXTRA, _MORE}

    def tally(self, table: str) -> Tally | None:
        """Return how many of the baseline's rows are still there; None where it keeps nothing of each row."""
        if table not in self._tallies:
            self._tallies[table] = self._tallied(table)
        return self._tallies[table]

    def _tallied(self, table: str) -> Tally | None:
        before, after, _ = self._sides
        was, now = before.hashes_of(table) if isinstance(before, Recorded) else None, after.held(table)
        if was is None or now is None:
            return None
        return now.ask(lambda connection: tally(connection, now.relation, was))

    def found(self, table: str) -> Found:
        """Return what is known of one table's rows. Raises `Inconclusive` if there is nothing to hold them against."""
        if table not in self._found:
            self._found[table] = self._look_at(table)
        return self._found[table]

    def _look_at(self, table: str) -> Found:
        before, after, _ = self._sides
        now = after.held(table)
        if now is None:
            raise Inconclusive(f"{table} is not there any more")
        was, against = self._witness(table)
        found = Found(against, Pair(was, now, self._key(table, was, now)))
        rows = max(int(told(side, "rows", table)) for side in (after, before))
        found.complete = find_changes(found.pair, rows, lambda some, look: self._take(table, found, some, look))
        return found

    def _witness(self, table: str) -> tuple[ScannableTable, str]:
        before, _, copies = self._sides
        if isinstance(before, Live):
            if held := before.held(table):
                return held, f"the reference {before.name}"
            raise Inconclusive(f"{table} is not in the reference {before.name}")
        copy = copies.copy_of(table)
        if copy is None or (held := copies.held(table)) is None:
            raise Inconclusive(NOBODY)
        if isinstance(before, Recorded):
            if any(told(before, facet, table) != told(copies, facet, table) for facet in CONTENT):
                raise Inconclusive(f"{copy.name} is not as in the baseline either, so no rows can be named by it")
            return held, f"the copy {copy.name}, which is as in the baseline"
        return held, f"the copy {copy.name}"

    def _key(self, table: str, was: ScannableTable, now: ScannableTable) -> tuple[str, ...]:
        key = _key_of(was) or _key_of(now) or _recorded_key(self._sides[0], table)
        return key if set(key) <= set(Pair(was, now, ()).columns) else ()

    def _take(self, table: str, found: Found, some: Sequence[RowChange], look: FetchRows) -> bool:
        found.counts.update(_kind(each, keyed=bool(found.pair.key)) for each in some)
        wanted = list(some if self._wanted.file else some[: max(0, self._wanted.rows - len(found.lines))])
        if wanted:
            rows = [look(held, places) for held, places in _places(found.pair, wanted)]
            told_of = [_Told(found.pair, each, _row(rows[0], each.was), _row(rows[1], each.now)) for each in wanted]
            found.lines += [
                each.line(values=self._wanted.values)
                for each in told_of[: max(0, self._wanted.rows - len(found.lines))]
            ]
            if self._wanted.file:
                append(
                    self._wanted.file,
                    [
                        {"table": table, "against": found.against, **each.record(values=self._wanted.values)}
                        for each in told_of
                    ],
                )
        return bool(self._wanted.file) or table in self._wanted.growing or len(found.lines) < self._wanted.rows


_MORE = "repeated more often"  # of a table without a key: rows were added that are like one that was there


def _kind(each: RowChange, *, keyed: bool) -> str:
    return _MORE if each.kind == REPEATED and not keyed and each.rows[1] > each.rows[0] else each.kind


def _places(pair: Pair, wanted: Sequence[RowChange]) -> list[tuple[ScannableTable, list[str]]]:
    return [
        (pair.was, [each.was for each in wanted if each.was]),
        (pair.now, [each.now for each in wanted if each.now]),
    ]


def _row(rows: Mapping[str, Row], place: str | None) -> Row | None:
    return rows.get(place) if place else None


@dataclass(frozen=True)
class _Told:
    """One finding with its rows, ready to be told."""

    pair: Pair
    change: RowChange
    was: Row | None
    now: Row | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that changed."""
        if not (self.was and self.now) or self.change.kind not in (CHANGED, RESPELLED):
            return ()
        pairs = zip(self.pair.columns, self.was.hashes, self.now.hashes, strict=True)
        hidden = self.pair.key if self.change.kind == RESPELLED else ()
        return tuple(name for name, was, now in pairs if was != now and name not in hidden)

    def line(self, *, values: bool) -> str:
        words = f"- {self.change.kind}: {self._identity(self.was or self.now)}"
        if self.change.kind == RESPELLED:
            words += f" is now {self._identity(self.now)}" + (", and it changed in " if self.columns else "")
        elif self.change.kind == CHANGED:
            words += " in "
        elif self.change.rows not in ((1, 0), (0, 1)):
            words += f": {self.change.rows[0]:,} before, {self.change.rows[1]:,} now"
        words += ", ".join(self.columns)
        return words + (self._values() if values else "")

    def _identity(self, row: Row | None) -> str:
        if row is None:
            return "a row that is gone by now"
        if self.pair.key:
            return ", ".join(f"{name} = {shown(text)}" for name, text in zip(self.pair.key, row.key, strict=True))
        return f"a row of image {hashlib.sha256(repr(row.hashes).encode()).hexdigest()[:12]}"

    def _values(self) -> str:
        lines = ""
        for word, row in (("before", self.was), ("after", self.now)):
            if row:
                named = dict(zip(self.pair.columns, row.values, strict=True))
                named = {name: text for name, text in named.items() if not self.columns or name in self.columns}
                lines += f"\n    {word:6}  {', '.join(f'{name} = {shown(text)}' for name, text in named.items())}"
        return lines

    def record(self, *, values: bool) -> dict[str, object]:
        """Return the same for a program; `before` and `after` hold the values, where they may be told."""
        record: dict[str, object] = {"kind": self.change.kind, "rows": self.change.rows, "columns": self.columns}
        for word, row in (("before", self.was), ("after", self.now)):
            if row:
                record[f"key_{word}"] = dict(zip(self.pair.key, row.key, strict=True))
                if values:
                    record[word] = dict(zip(self.pair.columns, row.values, strict=True))
        return record


def _summary(found: Found) -> tuple[str, ...]:
    least = "" if found.complete else "at least "
    counts = ", ".join(
        f"{least}{found.counts[kind]:,} {kind}"
        for kind in (CHANGED, RESPELLED, MISSING, EXTRA, REPEATED, _MORE)
        if found.counts[kind]
    )
    head = f"which rows, held against {found.against}: {counts or 'none; each reads the same, only types of columns differ'}"
    if found.pair.on_one_side:
        return (head, f"on one side only, and so not held against anything: {', '.join(found.pair.on_one_side)}")
    return (head,)


def shown(text: str | None) -> str:
    """Return a value on one line, in double quotes, with whatever has no shape of its own written as its code."""
    if text is None:
        return "NULL"
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return "".join(
        letter
        if letter == " " or unicodedata.category(letter)[0] not in "CZ"
        else letter.encode("unicode_escape").decode()
        for letter in json.dumps(cut, ensure_ascii=False)
    )


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
