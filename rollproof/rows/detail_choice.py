"""By what the rows of a table are parted: ranges of a column in whose order they lie, ranges of the key, or a hash of the key.

A key of numbers or times is parted into ranges in any case. Of other tables a column of numbers or times serves, if rows lie in
its order (as those of the time of creation do): that costs next to nothing, and tells a reader more than a hash.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rollproof.model.detail import Division
from rollproof.model.names import respelled
from rollproof.rows.detail import Divided, array
from rollproof.rows.row_key import row_key
from rollproof.rows.tables import Relation
from rollproof.server.reader import Connection

ORDERED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "int2": ("32767", "v + 1::int2"),
        "int4": ("2147483647", "v + 1"),
        "int8": ("9223372036854775807", "v + 1"),
        "date": ("infinity", "v + 1"),
        "timestamp": ("infinity", "v + interval '1 microsecond'"),
        "timestamptz": ("infinity", "v + interval '1 microsecond'"),
    }
)
"""Types whose values can be bounds: their greatest value, and what comes next after `v`."""

_SHAPES = MappingProxyType(
    {
        "int": re.compile(r"-?\d{1,19}"),
        "date": re.compile(r"-?infinity|\d{4,7}-\d\d-\d\d( BC)?"),
        "timestamp": re.compile(r"-?infinity|\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?(\+00)?( BC)?"),
    }
)
"""What values of these types look like."""

RANGES = (64, 1024)  # of a table: the fewest, the most
PAGES = 512  # of a range, as far as the limits let it: 4 MiB
BLOCKS = 64  # of a range
LEAST = 16  # pages of a block: a smaller one costs more than its rows
TRIED = 32  # blocks that are looked at before
MIXED = 0.15  # share of blocks across two ranges from which on grouping costs less
COLUMNS = 4  # that are tried beside the key
HASHED = 256  # parts of a table whose key has no ranges
SMALL = 128  # pages; of a smaller table all rows are sorted for the bounds
FEW = 32  # parts of a smaller table


@dataclass(frozen=True)
class Columns:
    """The columns of a table that can part its rows: its key, and those that are NOT NULL, in their order."""

    key: tuple[str, ...]
    filled: tuple[str, ...]


# The primary key, or the narrowest unique index that takes every row and no NULL. A column whose NOT NULL was never validated
# (PostgreSQL 18) may hold NULLs.
_COLUMNS = f"""
SELECT wanted.oid, ({row_key("wanted.oid")}), ARRAY(
    SELECT quote_ident(a.attname) FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = wanted.oid AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped AND a.attgenerated <> 'v'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS con WHERE con.conrelid = a.attrelid AND con.contype = 'n'
                    AND con.conkey[1] = a.attnum AND NOT con.convalidated)
    ORDER BY a.attnum
)
FROM unnest($1::int8[]) AS wanted (oid)
"""


def require_bounds(division: Division) -> None:
    """Raise `ValueError` unless the bounds of the ranges of one column are values of its type."""
    (builtin,) = division.types
    if builtin not in ORDERED or division.parts != len(division.bounds) + 2:
        raise ValueError(f"no table is divided into {division.parts} ranges of a column of type {builtin}")
    shape = _SHAPES[builtin.rstrip("248").removesuffix("tz")]
    if wrong := next((text for text in division.bounds if not shape.fullmatch(text)), None):
        raise ValueError(f"{wrong[:80]!r} is no {builtin}")


def columns(connection: Connection, found: Mapping[str, Relation]) -> dict[str, Columns]:
    """Return by which columns rows can be parted, for each table. Raises what the server raises."""
    names = {relation.oid: name for name, relation in found.items()}
    rows = connection.execute(_COLUMNS.encode(), (list(names),)).fetchall()
    return {
        names[int(str(oid))]: Columns(tuple(map(respelled, key or ())), tuple(map(respelled, filled)))  # type: ignore[call-overload]
        for oid, key, filled in rows
    }


def choose(connection: Connection, relation: Relation, known: Columns) -> Divided | None:
    """Return how the rows of a table are parted; None if nothing tells its rows apart. Raises what the server raises."""
    large = relation.heap and relation.pages >= SMALL
    keyed: Divided | None = None
    for column, builtin in _candidates(relation, known, COLUMNS if large else 0):
        divided, mixed = (_sampled if large else _sorted)(connection, relation, column, builtin)
        in_key = column in known.key[:1]
        if divided and in_key:
            divided = _and_beyond(connection, relation, divided)
        if divided and mixed <= MIXED:
            return divided
        if divided and in_key:
            keyed = Divided(divided.division)
    if keyed or not known.key:
        return keyed
    types = dict(relation.columns)
    parts = HASHED if large else FEW
    return Divided(Division(known.key, tuple(types[each].name for each in known.key), (), parts))


def _candidates(relation: Relation, known: Columns, others: int) -> Iterator[tuple[str, str]]:
    """Yield columns that may have ranges, with their types: the key's first, then so many others."""
    types = {name: type_.builtin for name, type_ in relation.columns}
    first = [name for name in known.key[:1] if name in known.filled]
    beside = [name for name in known.filled if name not in first and types.get(name) in ORDERED]
    yield from ((name, types[name]) for name in [*first, *beside[:others]] if types.get(name) in ORDERED)


# One value for each range, from its first pages; then blocks here and there: how many lie across two ranges.
_SAMPLE = """
WITH met AS MATERIALIZED (
    SELECT (SELECT {value} FROM {source} AS x
            WHERE x.ctid >= format('(%s,0)', begin.page)::tid AND x.ctid < format('(%s,0)', begin.page + {block})::tid LIMIT 1) AS v
    FROM generate_series(0, {pages} - 1, {range}) AS begin (page)
), bounds AS MATERIALIZED (
    SELECT ARRAY(SELECT DISTINCT v FROM met WHERE v IS NOT NULL ORDER BY v OFFSET 1) AS all_of_them
)
SELECT (SELECT all_of_them::text[] FROM bounds), (
    SELECT avg((width_bucket(tried.least, all_of_them) <> width_bucket(tried.most, all_of_them))::int)::float8
    FROM bounds, generate_series(0, {pages} - 1, {stride}) AS begin (page)
    CROSS JOIN LATERAL (
        SELECT min({value}) AS least, max({value}) AS most, count(*) AS rows
        FROM {source} AS x
        WHERE x.ctid >= format('(%s,0)', begin.page)::tid AND x.ctid < format('(%s,0)', begin.page + {block})::tid
    ) AS tried
    WHERE tried.rows > 0 -- and because of it no index is asked for the least value
)
"""


def _sampled(connection: Connection, relation: Relation, column: str, builtin: str) -> tuple[Divided | None, float]:
    """Return ranges of a column with about as many rows each, and which share of blocks lies across two of them."""
    ranges = min(max(relation.pages // PAGES, RANGES[0]), RANGES[1])
    block = max(relation.pages // ranges // BLOCKS, LEAST)
    pages = max(relation.pages // ranges // block, 1) * block  # of a range: so many whole blocks
    query = _SAMPLE.format(
        value=f"x.{column}::pg_catalog.{builtin}",
        source=relation.source,
        pages=relation.pages,
        range=pages,
        block=block,
        stride=max(relation.pages // TRIED // block, 1) * block,
    )
    bounds, mixed = connection.execute(query.encode()).fetchall()[0]
    return _by_range(column, builtin, bounds, block), float(str(mixed or 0))


def _sorted(connection: Connection, relation: Relation, column: str, builtin: str) -> tuple[Divided | None, float]:
    """Return ranges of a column of a small table, for which all of its rows are sorted."""
    shares = ",".join(str(number / FEW) for number in range(1, FEW))
    value = f"x.{column}::pg_catalog.{builtin}"
    query = (
        f"SELECT ARRAY(SELECT DISTINCT v FROM unnest((SELECT percentile_disc('{{{shares}}}'::float8[])"
        f" WITHIN GROUP (ORDER BY {value}) FROM {relation.source} AS x)) AS each (v) ORDER BY v)::text[]"
    )
    return _by_range(column, builtin, connection.execute(query.encode()).fetchall()[0][0], 0), 0.0


def _by_range(column: str, builtin: str, bounds: object, block: int) -> Divided | None:
    found = tuple(bounds or ())  # type: ignore[arg-type, var-annotated] # an array of text
    return Divided(Division((column,), (builtin,), found, len(found) + 2), block) if found else None


def _and_beyond(connection: Connection, relation: Relation, divided: Divided) -> Divided:
    """Return the same with one range more, which has no rows yet: where rows with higher keys will be, if some are added."""
    (column,), (builtin,), bounds = divided.division.columns, divided.division.types, divided.division.bounds
    greatest, following = ORDERED[builtin]
    query = (
        f"SELECT ARRAY(SELECT DISTINCT b FROM unnest($1::pg_catalog.{builtin}[] || CASE WHEN v < '{greatest}' THEN"
        f" ({following})::pg_catalog.{builtin} END) AS each (b) WHERE b IS NOT NULL ORDER BY b)::text[]"
        f" FROM (SELECT max(x.{column}::pg_catalog.{builtin}) AS v FROM {relation.source} AS x) AS last"
    )
    more = connection.execute(query.encode(), (array(bounds),)).fetchall()[0][0]
    return _by_range(column, builtin, more, divided.block) or divided
