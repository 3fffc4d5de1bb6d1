"""Statements that join an object, which was made by itself, to another: a partition, its indexes, a column's sequence. Pure.

So there is no circle between two that need each other, and it is all the same whether the other one was made before, or never lost.
"""

import re
from collections.abc import Mapping

from rollproof.model.names import NAME, PATH
from rollproof.repair.makers import Attach
from rollproof.repair.objects import Object
from rollproof.repair.partitioning import index_name, partition, whole_of_index
from rollproof.repair.sides import Side

_OWNED = re.compile(rf"[a-zA-Z0-9 -]+ OWNED BY (?P<column>{PATH}\.{NAME})")


def attach_partition(of: Object, side: Side) -> tuple[str, ...]:
    """Return the statement that makes a table the partition that it was."""
    known = partition(of.identity, side) if of.facet == "tables" else None
    return (f"ALTER TABLE ONLY {known.whole} ATTACH PARTITION {of.identity} {known.bound};",) if known else ()


def attach_index(of: Object, side: Side) -> tuple[str, ...]:
    """Return the statement that makes an index the part of its whole that it was; it does nothing if that is so already."""
    whole = whole_of_index(of, side)
    return (f"ALTER INDEX {index_name(whole)} ATTACH PARTITION {index_name(of)};",) if whole else ()


def column_of_sequence(of: Object, side: Side) -> Object | None:
    """Return the column that a sequence belongs to, and with which it is dropped; None if there is none, or it is an identity's."""
    known = _OWNED.fullmatch(side.description(of) or "") if of.facet == "sequences" else None
    return Object("columns", known["column"]) if known else None


def give_sequence(of: Object, side: Side) -> tuple[str, ...]:
    """Return the statement that gives a sequence to its column."""
    column = column_of_sequence(of, side)
    return (f"ALTER SEQUENCE {of.identity} OWNED BY {column.identity};",) if column else ()


def what_stands_apart(of: Object, side: Side) -> tuple[str, ...]:
    """Return the default of a column, or checks of a domain, that pg_dump sets apart: they need what needs the table, or domain."""
    if of.facet == "columns":
        return side.entries.default(of.identity)
    return side.entries.checks(of.identity) if of.facet == "types" else ()


ATTACHES: Mapping[str, Attach] = {
    "partitions": attach_partition,
    "indexes": attach_index,
    "sequences": give_sequence,
    "columns": what_stands_apart,
}
"""Joins an object that was just created, by facet."""
