"""Statements about a table's place among others: of what it is a partition, what it inherits from, its columns. Pure."""

from collections.abc import Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.repair.alteration.column_order import reordered
from rollproof.repair.alteration.options import changed_foreign_options
from rollproof.repair.clauses.tables import foreign_clauses
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object
from rollproof.repair.partitioning import left_column, partition
from rollproof.repair.sides import Sides
from rollproof.repair.step import Altered, Refused

_ORDER = (
    "it inherits in another order, or from one parent before another that is there: to leave that and inherit again would make "
    "its columns the table's own; it takes a new table, with INHERITS, into which the rows are copied"
)


def _partition(difference: Difference, sides: Sides) -> Altered | Refused:
    """Attach or detach it, without the foreign keys to the whole: its rows are not there for a moment."""
    table = difference.identity
    was, now = (partition(table, side) for side in (sides.before, sides.after))
    if (was is None and difference.before is not None) or (now is None and difference.after is not None):
        return Refused("its description was not understood")
    statements = [f"ALTER TABLE {now.whole} DETACH PARTITION {table};"] if now else []
    if was and difference.before is not None:
        parent = was.whole
        bounds = difference.before.removeprefix(f"PARTITION OF {parent} ")
        if bounds.endswith(" DETACH PENDING"):
            return Refused("its detaching was pending in the reference as well: FINALIZE it, or attach it, by hand")
        if reason := left_column(parent, table, sides) or left_column(table, parent, sides):
            return Refused(reason)
        statements.append(f"ALTER TABLE ONLY {parent} ATTACH PARTITION {table} {bounds};")
    return Altered(tuple(statements), frozenset(_keys_to({each.whole for each in (was, now) if each}, sides)))


def _keys_to(tables: set[str], sides: Sides) -> Iterator[Object]:
    """Yield the foreign keys to these tables, of tables that are no partitions: theirs go with the whole's."""
    for name, text in sides.after.facts("constraints").items():
        of = Object("constraints", name)
        if text.startswith("FOREIGN KEY ") and of.relation not in sides.after.facts("partitions"):
            referenced = text.partition(" REFERENCES ")[2]
            if any(referenced.startswith(f"{table}(") for table in tables):
                yield of


def _inheritance(difference: Difference, sides: Sides) -> Altered | Refused:
    """Put parents back; those that are there stay, for what comes from them alone would become the table's own."""
    table = difference.identity
    was, now = (
        [] if table in side.facts("partitions") else list(side.parents(table)) for side in (sides.before, sides.after)
    )
    same = 0
    while same < min(len(was), len(now)) and was[same] == now[same]:
        same += 1
    if any(parent in was for parent in now[same:]):
        return Refused(_ORDER)
    for parent in was[same:]:
        if reason := left_column(parent, table, sides):
            return Refused(reason)
    gone = [f"ALTER TABLE {table} NO INHERIT {parent};" for parent in now[same:]]
    back = [f"ALTER TABLE {table} INHERIT {parent};" for parent in was[same:]]
    return Altered((*gone, *back))


def _column_order(difference: Difference, sides: Sides) -> Altered | Refused:
    return reordered(difference.identity, sides)


def _foreign_table(difference: Difference, sides: Sides) -> Altered | Refused:  # noqa: ARG001 (as all makers)
    was, now = (foreign_clauses(text or "") for text in (difference.before, difference.after))
    if was is None or now is None:
        return Refused("its description was not understood")
    if was[0] != now[0]:
        return Refused(
            "no ALTER gives a foreign table another server: drop it and create it as it was; its rows are elsewhere"
        )
    return Altered((f"ALTER FOREIGN TABLE {difference.identity} OPTIONS ({changed_foreign_options(was[1], now[1])});",))


CHANGES: Mapping[str, Alter] = {
    "partitions": _partition,
    "inheritance": _inheritance,
    "column_order": _column_order,
    "foreign_tables": _foreign_table,
}
"""Undoes one difference, by facet."""
