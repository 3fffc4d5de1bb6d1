"""Which tables are partitions of which, and which indexes are parts of which. Pure."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from rollproof.model.names import NAME, PATH, names
from rollproof.repair.clauses.pieces import PIECE
from rollproof.repair.clauses.tables import table_clauses
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side

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
