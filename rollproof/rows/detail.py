"""Sums of parts of a table (`model/detail`) as SQL: the same scan, grouped by ranges of a column or by a hash of the key.

To group rows costs more than to hash narrow ones. Where rows lie in the order of the column, as those with serial numbers or
times do, nothing is grouped: the table is read in blocks of pages, each is one sum, and its least and greatest value tell to which
part it belongs. Only the rows of a block across two parts are read again and grouped.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rollproof.model.detail import Division, Sums
from rollproof.rows.row_hash import combined, row_hash, seed, value_hash
from rollproof.rows.tables import Relation

_END = "(4294967294,0)"  # no page has a greater number
Place = tuple[int, int]


@dataclass(frozen=True)
class Divided:
    """How a scan parts rows. `block` is how many pages are summed at once; 0: rows are grouped, in whatever order they lie."""

    division: Division
    block: int = 0

    @property
    def parameters(self) -> tuple[str, ...]:
        """What the SQL has for $1: the bounds as an array, which the server reads once, as values and never as SQL."""
        bounds = self.division.bounds
        return (array(bounds),) if bounds else ()


def array(texts: tuple[str, ...]) -> str:
    """Return texts as PostgreSQL writes an array of them."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def divided_rows(relation: Relation, divided: Divided, version: int, first: Place, end: Place | None) -> str:
    """Return a query for number, rows and sum of each part, of the rows from one place up to another (None: to the end)."""
    return (_by_block if divided.block else _grouped)(relation, divided, version, first, end)


def sums_of(rows: list[tuple[object, ...]]) -> Sums:
    """Return what such a query answers; the parts of several queries may be added up (`together`)."""
    return {int(str(part)): (int(str(number)), int(str(total))) for part, number, total in rows}


def together(found: Iterable[Sums]) -> Sums:
    """Add up the sums of several pieces of a table."""
    added: dict[int, tuple[int, int]] = {}
    for sums in found:
        for part, (rows, total) in sums.items():
            known = added.get(part, (0, 0))
            added[part] = (known[0] + rows, known[1] + total)
    return added


def _grouped(relation: Relation, divided: Divided, version: int, first: Place, end: Place | None) -> str:
    # The number is computed below the grouping (OFFSET 0), where the planner expects few of them: so it hashes and never sorts.
    number = _number(divided.division, relation, version)
    upper = f" AND x.ctid < '({end[0]},{end[1]})'" if end else ""
    lower = f"x.ctid >= '({first[0]},{first[1]})'" if relation.heap and first != (0, 0) else "true"
    row = row_hash("x", relation.columns, version)
    return (
        f"SELECT {_told(divided.division)}, count(*), sum(h)::text FROM (SELECT {number} AS p, {row} AS h"
        f" FROM {relation.source} AS x WHERE {lower}{upper} OFFSET 0) AS each GROUP BY p"
    )


def _number(division: Division, relation: Relation, version: int) -> str:
    if division.by_range:
        return f"width_bucket({_value(division)}, {_bounds(division)})"
    types = dict(relation.columns)
    hashes = [
        f"COALESCE({value_hash(f'x.{column}', types[column], seed('part', number), version)}, 0)"
        for number, column in enumerate(division.columns)
    ]
    return f"{hashes[0] if len(hashes) == 1 else combined(hashes)} & {division.parts - 1}"


def _told(division: Division) -> str:
    return "COALESCE(p + 1, 0)" if division.by_range else "p"


def _value(division: Division) -> str:
    return f"x.{division.columns[0]}::pg_catalog.{division.types[0]}"


def _bounds(division: Division) -> str:
    return f"$1::pg_catalog.{division.types[0]}[]"


# A block's rows are of one part if its least and its greatest value are; the column has no NULL. If it had some after all, parts
# would be wrong, but no row would be left out: what is summed is also the table's fingerprint.
_BLOCKS = """
SELECT COALESCE(summed.p + 1, 0), sum(summed.n)::int8, sum(summed.s)::text
FROM generate_series({first}::int8, {last}::int8, {block}::int8) AS begin (page)
CROSS JOIN LATERAL (
    SELECT greatest(format('(%s,0)', begin.page)::tid, '{from_}'::tid) AS first,
           least(CASE WHEN begin.page + {block} > {last} THEN '{end}' ELSE format('(%s,0)', begin.page + {block}) END::tid,
                 '{end}'::tid) AS until
    OFFSET 0
) AS place
CROSS JOIN LATERAL (
    SELECT count(*) AS n, sum({row}) AS s, min({value}) AS least, max({value}) AS most
    FROM {source} AS x WHERE x.ctid >= place.first AND x.ctid < place.until
) AS block
CROSS JOIN LATERAL (
    SELECT width_bucket(block.least, {bounds}) AS a, width_bucket(block.most, {bounds}) AS b OFFSET 0
) AS parts
CROSS JOIN LATERAL (
    SELECT parts.a AS p, block.n, block.s WHERE parts.a IS NOT DISTINCT FROM parts.b
    UNION ALL
    SELECT width_bucket({value}, {bounds}), count(*), sum({row})
    FROM {source} AS x
    WHERE x.ctid >= place.first AND x.ctid < place.until AND parts.a IS DISTINCT FROM parts.b
    GROUP BY 1
) AS summed (p, n, s)
WHERE block.n > 0
GROUP BY 1
"""


def _by_block(relation: Relation, divided: Divided, version: int, first: Place, end: Place | None) -> str:
    last = (end[0] - (end[1] == 0)) if end else relation.pages - 1
    return _BLOCKS.format(
        first=first[0]
        // divided.block
        * divided.block,  # ranges begin where blocks begin, at least as the bounds were chosen
        last=max(last, first[0]),
        from_=f"({first[0]},{first[1]})",
        end=f"({end[0]},{end[1]})" if end else _END,
        block=divided.block,
        row=row_hash("x", relation.columns, version),
        value=_value(divided.division),
        bounds=_bounds(divided.division),
        source=relation.source,
    )
