"""Which tables are partitions of which, and which indexes are parts of which. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from rollproof.model.names import NAME, PATH, names
from rollproof.repair.clauses.pieces import PIECE
from rollproof.repair.clauses.tables import table_clauses
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side, Sides

_PARTITION = re.compile(
    rf"PARTITION OF (?P<whole>{PATH}) (?P<bound>FOR VALUES .*?|DEFAULT)(?: DETACH PENDING)?", re.DOTALL
)
# What follows it in a description is words and numbers; what stands before it is SQL, in whose strings and names it may stand.
_OF_INDEX = re.compile(rf"{PIECE}*? PARTITION OF {NAME}\.(?P<name>{NAME})(?: [A-Z ]+)?", re.DOTALL)


class Partition(NamedTuple):
    """Of which table one is a partition, and for which values: as it follows ATTACH PARTITION."""

    whole: str
    bound: str


def partition(table: str, side: Side) -> Partition | None:
    """Return of what a table is a partition; None if it is none."""
    known = _PARTITION.fullmatch(side.facts("partitions").get(table, ""))
    return Partition(known["whole"], known["bound"]) if known else None


def partitioned(side: Side) -> Iterator[str]:
    """Yield the tables that have partitions, or may have some: they hold no rows themselves."""
    for name, description in side.facts("tables").items():
        if (known := table_clauses(description)) and known.kind == "partitioned table":
            yield name


def partitions(table: str, side: Side) -> Iterator[str]:
    """Yield the partitions of a table, and theirs."""
    for name in _partitions(side).get(table, ()):
        yield name
        yield from partitions(name, side)


def whole_of_index(of: Object, side: Side) -> Object | None:
    """Return the index of which an index is a part; None if it is of none."""
    known = _OF_INDEX.fullmatch(side.description(of) or "") if of.facet == "indexes" else None
    table = partition(of.relation, side) if known else None
    return Object("indexes", f"{table.whole}.{known['name']}") if known and table else None


def left_column(table: str, other: str, sides: Sides) -> str:
    """Return why a table cannot be joined with another one, as that lacks a column that was left behind; "" if it can."""
    of_other = (sides.after if sides.after.has(Object("tables", other)) else sides.before).columns(other)
    known = {*sides.before.columns(table), *of_other}
    left = next((name for name in sides.after.columns(table) if name not in known), "")
    return f"{table} has the column {left} now, and {other} has not: drop it, then repair again" if left else ""


def unjoinable(made: Iterable[Object], sides: Sides) -> str:
    """Return why a table, or an index of one, cannot be joined with its whole after it was made; "" if it can."""
    for of in made:
        is_part = whole_of_index(of, sides.before) or (of.facet == "tables" and not sides.after.has(of))
        whole = partition(of.relation, sides.before) if is_part and not sides.after.parents(of.relation) else None
        if whole and (reason := _not_joined(whole.whole, of.relation, sides)):
            return reason
    return ""


def _not_joined(whole: str, part: str, sides: Sides) -> str:
    return left_column(whole, part, sides) or left_column(part, whole, sides)


def index_name(of: Object) -> str:
    """Return an index's own name with its schema, as statements name it."""
    path = names(of.identity)
    return f"{path[0]}.{path[-1]}"


@lru_cache(maxsize=4)
def _partitions(side: Side) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in side.facts("partitions"):
        if known := partition(name, side):
            found.setdefault(known.whole, []).append(name)
    return found
