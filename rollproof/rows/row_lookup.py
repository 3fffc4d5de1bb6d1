"""Rows that differ, looked up by their places: their keys, their values, and the columns that changed.

No more is read and sent than was asked for: a row may have a gigabyte. Columns that changed are counted by the server where
both tables are in one database; else the hashes of the columns are compared here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rollproof.rows.paired_tables import Pair
from rollproof.rows.tables import ScannableTable
from rollproof.server.reader import Connection

Hashes = tuple[int | None, ...]
Both = Sequence[tuple[str, str]]
"""The places of rows that are on both sides, before and now."""
ByColumn = dict[str, Counter[str]]
"""How many rows changed in each column: `filled`, `emptied`, `altered`; columns without a change are not there."""
FILLED, EMPTIED, ALTERED = "filled", "emptied", "altered"


@dataclass(frozen=True)
class FetchedRow:
    """One row fetched by its ctid: its key as text, a hash of each column (None for NULL), and the columns as text, if wanted."""

    key: tuple[str | None, ...]
    hashes: Hashes
    values: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a row beside its key and hashes: its values, and of each so many letters (None: all)."""

    values: bool = False
    letters: int | None = None


KEY = Wanted()


class Lookup(Protocol):
    """Looks up rows of two tables by their places, as long as the rows are still there."""

    def rows(self, held: ScannableTable, places: Sequence[str], wanted: Wanted = KEY) -> Mapping[str, FetchedRow]:
        """Return rows of one of both tables by their places."""

    def by_column(self, both: Both) -> ByColumn:
        """Return in which columns beside the key these rows changed."""


@dataclass(frozen=True)
class InOneDatabase:
    """Looks up rows of two tables of one database."""

    connection: Connection
    pair: Pair

    def rows(self, held: ScannableTable, places: Sequence[str], wanted: Wanted = KEY) -> Mapping[str, FetchedRow]:
        """Return rows of one of both tables by their places."""
        return _fetched(self.connection, self.pair, held, places, wanted)

    def by_column(self, both: Both) -> ByColumn:
        """Return in which columns beside the key these rows changed, as the server counts them."""
        names = self.pair.beside_the_key
        if not (both and names):
            return {}
        places = tuple(list(side) for side in zip(*both, strict=True))
        found: ByColumn = {}
        for start in range(0, len(names), _COLUMNS_AT_ONCE):
            some = names[start : start + _COLUMNS_AT_ONCE]
            (row,) = self.connection.execute(_count_query(self.pair, some).encode(), places).fetchall()
            numbers = [int(str(number)) for number in row]
            found |= {name: _counter(numbers[3 * place : 3 * place + 3]) for place, name in enumerate(some)}
        return {name: how for name, how in found.items() if how.total()}


@dataclass(frozen=True)
class InTwo:
    """Looks up rows of tables of two servers."""

    pair: Pair

    def rows(self, held: ScannableTable, places: Sequence[str], wanted: Wanted = KEY) -> Mapping[str, FetchedRow]:
        """Return rows of one of both tables by their places."""
        return held.ask(lambda connection: _fetched(connection, self.pair, held, places, wanted))

    def by_column(self, both: Both) -> ByColumn:
        """Return in which columns beside the key these rows changed, by the hashes of both servers."""
        names = self.pair.beside_the_key
        if not (both and names):
            return {}
        was, now = (
            self._hashes(held, names, places)
            for held, places in zip((self.pair.was, self.pair.now), zip(*both, strict=True), strict=True)
        )
        found: ByColumn = {}
        for before, after in both:
            if before in was and after in now:
                for name, one, other in zip(names, was[before], now[after], strict=True):
                    if one != other:
                        found.setdefault(name, Counter())[_way(one, other)] += 1
        return found

    def _hashes(self, held: ScannableTable, names: Sequence[str], places: Sequence[str]) -> Mapping[str, Hashes]:
        query = f"SELECT x.ctid::text, {_array(self.pair.values(held, names))} FROM {held.rows} AND {_AMONG}"
        ask: Callable[[Connection], Iterable[Sequence[object]]] = lambda connection: connection.execute(  # noqa: E731
            query.encode(), (list(places),)
        ).fetchall()
        return {str(place): tuple(hashes) for place, hashes in held.ask(ask)}  # type: ignore[arg-type] # an array


_AMONG = "x.ctid = ANY ($1::text[]::tid[])"
_COLUMNS_AT_ONCE = 500  # a query may return 1,664 columns, and each of these takes three
_COUNT = """
SELECT {counts}
FROM (
    SELECT {values}
    FROM unnest($1::text[]::tid[], $2::text[]::tid[]) AS places (was, now)
    JOIN {was_source} AS x ON x.ctid = places.was AND x.tableoid = {was_oid}
    JOIN {now_source} AS y ON y.ctid = places.now AND y.tableoid = {now_oid}
    OFFSET 0 -- so that each hash is computed once
) AS both_sides
"""


def _count_query(pair: Pair, names: Sequence[str]) -> str:
    was, now = pair.was.relation, pair.now.relation
    sides = zip(pair.values(pair.was, names, "x"), pair.values(pair.now, names, "y"), strict=True)
    each = "count(*) FILTER (WHERE {a} IS NULL AND {b} IS NOT NULL)"
    counts = (
        f"{each.format(a=f'a{n}', b=f'b{n}')}, {each.format(a=f'b{n}', b=f'a{n}')}, count(*) FILTER (WHERE a{n} <> b{n})"
        for n, _ in enumerate(names)
    )
    return _COUNT.format(
        counts=", ".join(counts),
        values=", ".join(f"{before} AS a{n}, {after} AS b{n}" for n, (before, after) in enumerate(sides)),
        was_source=was.source,
        was_oid=was.oid,
        now_source=now.source,
        now_oid=now.oid,
    )


def _array(hashes: Iterable[str]) -> str:
    return f"ARRAY[{', '.join(hashes)}]::int8[]"


def _counter(numbers: Iterable[int]) -> Counter[str]:
    return Counter(dict(zip((FILLED, EMPTIED, ALTERED), numbers, strict=True)))


def _way(before: int | None, after: int | None) -> str:
    return FILLED if before is None else EMPTIED if after is None else ALTERED


def _fetched(
    connection: Connection, pair: Pair, held: ScannableTable, places: Sequence[str], wanted: Wanted
) -> Mapping[str, FetchedRow]:
    columns = pair.columns if wanted.values else ()
    key, values = _texts(pair.key, None), _texts(columns, wanted.letters)
    query = (
        f"SELECT x.ctid::text, {key}, {_array(pair.values(held, pair.columns))}, {values} FROM {held.rows} AND {_AMONG}"
    )
    found = connection.execute(query.encode(), (list(places),)).fetchall()
    return {str(place): FetchedRow(tuple(key), tuple(each), tuple(texts)) for place, key, each, texts in found}  # type: ignore[arg-type]


def _texts(columns: Iterable[str], letters: int | None) -> str:
    written = (f"concat(x.{column})" for column in columns)
    cut = ((column, text if letters is None else f"left({text}, {letters})") for column, text in zip(columns, written))  # noqa: B905
    return f"ARRAY[{', '.join(f'CASE WHEN x.{column} IS DISTINCT FROM NULL THEN {text} END' for column, text in cut)}]::text[]"
