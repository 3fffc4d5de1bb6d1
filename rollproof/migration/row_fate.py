"""Rows of a migrated table compared with its copy, by primary key.

A value whose type changed is brought to one spelling on both sides: for uuid its digits, so that case, hyphens and braces
do not count; for any other type the old value is cast to the new one. All else must be stored as it was (`paired_columns`).
Rows are counted by key, in a partitioned table with those of all its partitions; `rows/row_diff`, which names single rows by
their places, reads one table each.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from rollproof.backup.copies import Copy
from rollproof.migration.table_states import Types
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.model.names import listed, table_of
from rollproof.probes.foreign_keys import EVIDENCE
from rollproof.rows.paired_columns import PairedColumns
from rollproof.rows.tables import types_named
from rollproof.server.reader import Connection, SnapshotReader
from rollproof.server.user_code import cast_obstacle
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING

_PRIMARY = re.compile(r'PRIMARY KEY \(((?:"(?:[^"]|"")*"|[^")])+)\)')
_DIGITS = re.compile(r"(?<!\w)([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})(?!\w)")


def primary_keys(side: Source) -> dict[str, tuple[str, ...]]:
    """Return the quoted columns of each table's primary key, as the side's constraints tell."""
    found = {}
    for identity, text in side.known("constraints", EVERYTHING).facts.items():
        if (key := _PRIMARY.match(text)) and "WITHOUT OVERLAPS" not in key[1]:
            found[table_of(identity) or ""] = listed(key[1])
    return found


@dataclass(frozen=True)
class TableAndCopy:
    """A table and its copy; `columns` are those of both, name → type of the copy's and of the table's.

    `key` tells rows apart; where there is none, it is all columns.
    """

    table: str
    copy: str
    columns: Mapping[str, tuple[str, str]]
    key: tuple[str, ...]

    def value(self, alias: str, column: str, *, live: bool) -> str:
        """Return one column's value as SQL that is equal on both sides exactly if the values are."""
        was, now = self.columns[column]
        value = f"{alias}.{column}"
        return value if was == now else self._text(column, live=live).format(value=value)

    def _text(self, column: str, *, live: bool) -> str:
        """Return how a turned value is spelled, as SQL of `{value}`: for uuid its digits, else as the new type writes it."""
        now = self.columns[column][1]
        if now == "uuid":
            return "pg_catalog.lower(pg_catalog.translate({value}::pg_catalog.text, '-{{}}', ''))"
        return (
            "{value}::pg_catalog.text"
            if live
            else f"{{value}}::{now.replace('{', '{{').replace('}', '}}')}::pg_catalog.text"
        )

    @property
    def sources(self) -> tuple[str, str]:
        """The table and its copy as they stand in FROM."""
        return self.table, self.copy

    @property
    def casts(self) -> set[tuple[str, str]]:
        """The casts that `value` writes, each from a type to another."""
        turned = {types for types in self.columns.values() if types[0] != types[1]}
        return turned | {(type_, "text") for types in turned for type_ in types}

    def row(self, alias: str, columns: Sequence[str], *, live: bool) -> str:
        """Return several columns' values as one text, never NULL."""
        return f"ROW({', '.join(self.value(alias, column, live=live) for column in columns)})::pg_catalog.text"

    def paired(self, connection: Connection) -> PairedColumns:
        """Return the columns with their types as this database has them; turned values are the same if their spellings are."""
        named = [types[number].partition(" COLLATE ")[0] for types in self.columns.values() for number in (0, 1)]
        known = types_named(connection, named)
        turned = [column for column, types in self.columns.items() if types[0] != types[1]]
        return PairedColumns(
            dict(zip(self.columns, zip(known[::2], known[1::2], strict=True), strict=True)),
            {column: (self._text(column, live=False), self._text(column, live=True)) for column in turned},
        )

    def grouped(self, paired: PairedColumns, version: int, *, live: bool) -> tuple[str, str]:
        """Return, as SQL, what tells rows apart and the hash of a row `x`; a table without a key is grouped by the hash."""
        whole = paired.row_hash("x", tuple(self.columns), version, newer=live)
        return self.row("x", self.key, live=live) if self.key else whole, whole

    def joined(self, connection: Connection) -> str:
        """Return the FROM clause that puts the rows of both side by side: was.k, n, h and now.k, n, h."""
        paired, version = self.paired(connection), connection.info.server_version
        sides = []
        for live in (False, True):
            key, whole = self.grouped(paired, version, live=live)
            source = self.table if live else self.copy
            sides.append(
                f"SELECT {key} AS k, pg_catalog.count(*) AS n, pg_catalog.sum({whole}) AS h FROM {source} AS x GROUP BY 1"
            )
        return f"FROM ({sides[0]}) AS was FULL JOIN ({sides[1]}) AS now ON now.k = was.k"


# Where a key is there more than once, the surplus is missing or added, and nothing is said of changes.
MISSING = "GREATEST(COALESCE(was.n, 0) - COALESCE(now.n, 0), 0)"
ADDED = "GREATEST(COALESCE(now.n, 0) - COALESCE(was.n, 0), 0)"
_CHANGED = "CASE WHEN was.n = now.n AND was.h <> now.h THEN was.n ELSE 0 END"


@dataclass(frozen=True)
class RowFate:
    """How many rows are missing, new and changed since the copy was made, with the keys of some."""

    missing: int
    added: int
    changed: int
    keys: Mapping[str, tuple[str, ...]]

    def some_keys(self, what: str) -> str:
        """Return the keys known of the rows that are `what`."""
        return with_ellipsis(self.keys[what], getattr(self, what))


def require_own_casts(connection: Connection, *pairs: TableAndCopy) -> None:
    """Raise `Inconclusive` if comparing these tables with their copies would run a function of a user's."""
    if why := cast_obstacle(connection, set().union(*(pair.casts for pair in pairs))):
        raise Inconclusive(
            f"the values are not brought to one type, for that would run what somebody else wrote: {why}"
        )


def fate(connection: Connection, pair: TableAndCopy) -> RowFate:
    """Compare a table with its copy; each is read once, and once more where they differ.

    Raises `Inconclusive` as `require_own_casts` does.
    """
    require_own_casts(connection, pair)
    columns = {"missing": MISSING, "added": ADDED, "changed": _CHANGED}
    sums = ", ".join(f"COALESCE(pg_catalog.sum({amount}), 0)" for amount in columns.values())
    joined = pair.joined(connection)
    counts = connection.execute(f"SELECT {sums} {joined}".encode()).fetchone() or (0, 0, 0)
    found = dict(zip(columns, (int(str(count)) for count in counts), strict=True))
    keys = {what: keys_of(connection, pair, joined, columns[what]) if found[what] else () for what in columns}
    return RowFate(**found, keys=keys)


def keys_of(connection: Connection, pair: TableAndCopy, joined: str, amount: str) -> tuple[str, ...]:
    """Return the keys of a few of the rows of which there is an `amount`, an SQL expression over was and now."""
    if not pair.key:
        return ("rows without a key",)
    query = f"SELECT COALESCE(was.k, now.k) {joined} WHERE {amount} > 0 ORDER BY 1 LIMIT {EVIDENCE}"
    keys = [str(key) for (key,) in connection.execute(query.encode()).fetchall()]
    if len(pair.key) == 1:
        keys = [key.removeprefix("(").removesuffix(")") for key in keys]  # a row of one value
    if any(pair.columns[column][1] == "uuid" for column in pair.key):
        keys = [_DIGITS.sub(r"\1-\2-\3-\4-\5", key) for key in keys]  # as a person finds it again
    return tuple(keys)


def with_ellipsis(keys: Sequence[str], count: int) -> str:
    """Return these keys in a sentence, which says whether there are more."""
    return f"{', '.join(keys)}{', …' if count > len(keys) else ''}"


class RowFates:
    """Comparisons of many tables with their copies, each made when it is first asked for."""

    def __init__(
        self,
        view: SnapshotReader,
        now: Types,
        was: Types,
        keys: Mapping[str, tuple[str, ...]],
        may_write: Callable[[str, str], bool] = lambda *_: False,
    ) -> None:
        self._may_write = may_write
        self._view = view
        self._now = now
        self._was = was
        self._keys = keys
        self._asked: dict[str, Future[RowFate]] = {}

    def pair(self, copy: Copy) -> TableAndCopy:
        """Return a table and its copy. Raises `Inconclusive` if the table is gone."""
        now, was = self._now.get(copy.table), self._was.get(copy.table, {})
        if now is None:
            raise Inconclusive(f"{copy.table} is not there, so nothing is said of its rows (see table_states)")
        both = {column: (type_, now[column]) for column, type_ in sorted(was.items()) if column in now}
        key = self._keys.get(copy.table, ())
        return TableAndCopy(copy.table, copy.name, both, key if both.keys() >= set(key) else ())

    def meant(self, copy: Copy) -> TableAndCopy:
        """Return the same without the columns whose values may change on purpose; the key stays, for it tells rows apart."""
        pair = self.pair(copy)
        left = {
            name: types
            for name, types in pair.columns.items()
            if name in pair.key or not self._may_write(copy.table, name)
        }
        return replace(pair, columns=left)

    def of(self, copy: Copy) -> RowFate:
        """Return what became of the rows. Raises `Inconclusive` if the server refuses."""
        if copy.table not in self._asked:
            pair = self.meant(copy)
            self._asked[copy.table] = self._view.submit(lambda connection: fate(connection, pair), reads=pair.sources)
        try:
            return self._asked[copy.table].result()
        except Inconclusive as error:
            raise Inconclusive(f"{copy.table} against {copy.name}: {error}") from error

    def lost(self, copy: Copy) -> Iterator[Finding]:
        """Yield that rows of the copy are missing or were changed."""
        found = self.of(copy)
        if found.missing or found.changed:
            told = [
                f"{getattr(found, what):,} {what} ({found.some_keys(what)})"
                for what in ("missing", "changed")
                if getattr(found, what)
            ]
            sentence = f"{copy.table} has not all rows of its copy {copy.name}: {', '.join(told)}"
            yield Finding("migrated_rows", copy.table, f"every row of {copy.name}", ", ".join(told), sentence)

    def added(self, copy: Copy) -> Iterator[Finding]:
        """Yield that there are rows that the copy has not."""
        found = self.of(copy)
        if found.added:
            many = f"{found.added:,} more ({found.some_keys('added')})"
            sentence = f"{copy.table} has rows that are not in its copy {copy.name}: {many}"
            yield Finding("migrated_counts", copy.table, f"no row but those of {copy.name}", many, sentence)
