"""Keys that are spelled otherwise (capitals, hyphens, braces, blanks), put back with the rows that refer to them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollproof.repair.rows.columns import KEPT, LIVE, Column, Row, same, spelled_alike
from rollproof.repair.rows.table import RowRepair

_NEW, _OLD = "new", "old"


@dataclass(frozen=True)
class Link:
    """A foreign key; all names are quoted, `equals` are its operators, referenced column first.

    `constraint` is its name where the server holds the rows to it while they are put back, `deferrable` if it may do so later.
    """

    table: str
    columns: tuple[str, ...]
    references: str
    referenced: tuple[str, ...]
    equals: tuple[str, ...] = ()
    constraint: str = ""
    deferrable: bool = False


def mapping(repair: RowRepair, name: str) -> str:
    """Return the statement that writes down which key was spelled how: one that is gone, and one that is new, each alone."""
    live = _alone(repair, LIVE, KEPT, f"{repair.live} AS t", f"{repair.source} AS b")
    kept = _alone(repair, KEPT, LIVE, f"{repair.source} AS b", f"{repair.live} AS t")
    told = [f"o.{_OLD}_{place}, n.{_NEW}_{place}" for place, _ in enumerate(repair.key)]
    return (
        f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {', '.join(told)}"
        f" FROM ({live}) AS o JOIN ({kept}) AS n ON n.spelling = o.spelling WHERE o.number = 1 AND n.number = 1;"
    )


def respelled(repair: RowRepair, name: str) -> str:
    """Return the statement that puts the keys back."""
    given = (f"{column.name} = m.{_NEW}_{place}" for place, column in enumerate(repair.key))
    here = [f"t.{column.name}" for column in repair.key]
    old = [f"m.{_OLD}_{place}" for place, _ in enumerate(repair.key)]
    return f"UPDATE {repair.live} AS t SET {', '.join(given)} FROM pg_temp.{name} AS m WHERE {_equal(repair.key, here, old)};"


def followed(link: Link, repair: RowRepair, name: str) -> str | None:
    """Return the statement that has referring rows follow; None if the foreign key refers to other columns."""
    key = [column.name for column in repair.key]
    if not set(link.referenced) <= set(key):
        return None
    places = [key.index(name) for name in link.referenced]
    given = (f"{column} = m.{_NEW}_{place}" for column, place in zip(link.columns, places, strict=True))
    operators = link.equals or ("=",) * len(places)
    held = (
        f"m.{_OLD}_{place} {operator} c.{column}"
        for column, place, operator in zip(link.columns, places, operators, strict=True)
    )
    return f"UPDATE {link.table} AS c SET {', '.join(given)} FROM pg_temp.{name} AS m WHERE {' AND '.join(held)};"


def deferred(links: Sequence[Link]) -> Iterator[str]:
    """Yield statements that have these foreign keys checked later: whichever table comes first, the others come after it."""
    for link in links:
        if not link.deferrable:
            yield f"ALTER TABLE {link.table} ALTER CONSTRAINT {link.constraint} DEFERRABLE INITIALLY DEFERRED;"
    if any(link.deferrable for link in links):
        yield "SET CONSTRAINTS ALL DEFERRED;"


def checked(links: Sequence[Link]) -> Iterator[str]:
    """Yield statements that have them checked, and make them what they were."""
    yield "SET CONSTRAINTS ALL IMMEDIATE;"
    for link in links:
        if not link.deferrable:
            yield f"ALTER TABLE {link.table} ALTER CONSTRAINT {link.constraint} NOT DEFERRABLE;"


def _alone(repair: RowRepair, row: Row, other: Row, rows: str, others: str) -> str:
    """Return a query for the keys that only one side has, with their spelling and how many are so spelled."""
    name = _NEW if row.source else _OLD
    told = ", ".join(f"{row.value(column)} AS {name}_{place}" for place, column in enumerate(repair.key))
    spelling = spelled_alike(repair.key, row)
    return (
        f"SELECT {told}, {spelling} AS spelling, pg_catalog.count(*) OVER (PARTITION BY {spelling}) AS number"
        f" FROM {rows} WHERE NOT EXISTS (SELECT FROM {others} WHERE {same(repair.key, row, other)})"
    )


def _equal(key: Sequence[Column], left: Sequence[str], right: Sequence[str]) -> str:
    if all(column.exact for column in key):
        return " AND ".join(f"{one} = {other}" for one, other in zip(left, right, strict=True))
    one, other = (f"ROW({', '.join(side)})::pg_catalog.record" for side in (left, right))
    return f"{one} OPERATOR(pg_catalog.*=) {other}"
