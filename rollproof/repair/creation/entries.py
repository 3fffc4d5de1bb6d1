"""Statements that create objects, from pg_dump's entries: what the entries leave open, facts tell. Pure."""

import re
from collections.abc import Callable, Mapping

from rollproof.model.names import PATH, WORD, listed, respelled
from rollproof.repair.objects import Object
from rollproof.repair.partitioning import partition
from rollproof.repair.sides import Side
from rollproof.repair.step import Made

_SEQUENCE = re.compile(rf".* ADD GENERATED [A-Z ]+ AS IDENTITY \(\s+SEQUENCE NAME ({PATH})\s.*", re.DOTALL)
_EMPTY = re.compile(r"materialized view .*?NOT POPULATED AS ", re.DOTALL)
_NO_DATA = "\n  WITH NO DATA;"
_PARENTS = re.compile(r"INHERITS \((.*)\)", re.DOTALL)
_FUNCTIONS = re.compile(rf"(?:INPUT|OUTPUT|RECEIVE|SEND|TYPMOD_IN|TYPMOD_OUT|ANALYZE|SUBSCRIPT) ({PATH}\([^()]*\))")


def from_entry(of: Object, side: Side) -> Made | None:
    """Return the statements of pg_dump's entry of an object, and what comes with it; None where they do not make what was there."""
    statements = side.entries.of(of)
    if not statements:
        return None
    maker = _MAKERS.get(of.facet)
    return maker(of, statements, side) if maker else Made(statements)


def _table(of: Object, statements: tuple[str, ...], side: Side) -> Made | None:
    if not _keeps_order(of.identity, side):
        return None
    of_columns = side.entries.of_columns(of.identity)
    sequences = {respelled(found[1]) for each in of_columns if (found := _SEQUENCE.fullmatch(each))}
    apart, inline = _checks(of.identity, side)
    if partition(of.identity, side):  # it can join its whole only if it has all its checks
        statements += tuple(statement for each in apart for statement in side.entries.of(each))
        inline += apart
    columns = (Object("columns", name) for name in side.parts(of.identity, "columns"))
    brings = frozenset([*columns, *inline, *(Object("sequences", name) for name in sequences)])
    return Made(statements + of_columns, brings)


def _checks(table: str, side: Side) -> tuple[list[Object], list[Object]]:
    """Return the checks that have an entry of their own, and those that are part of the table's."""
    known = side.parts(table, "constraints").items()
    checks = [Object("constraints", name) for name, text in sorted(known) if text.startswith("CHECK ")]
    apart = [each for each in checks if side.entries.of(each)]
    return apart, [each for each in checks if each not in apart]


def _keeps_order(table: str, side: Side) -> bool:
    """Tell whether the columns are in the order that CREATE TABLE … INHERITS gives them: the parents' first."""
    parents = _PARENTS.fullmatch(side.facts("inheritance").get(table, ""))
    if parents is None:
        return True
    orders = side.facts("column_order")
    theirs = [name for parent in re.findall(rf"{WORD}\.{WORD}", parents[1]) for name in listed(orders.get(parent, "?"))]
    first = tuple(dict.fromkeys(theirs))
    return listed(orders.get(table, ""))[: len(first)] == first


def _view(of: Object, statements: tuple[str, ...], side: Side) -> Made:
    first, *more = statements
    if not _EMPTY.match(side.description(of) or ""):
        first = first.removesuffix(_NO_DATA) + ";" if first.endswith(_NO_DATA) else first
    return Made((first, *more), frozenset(Object("columns", name) for name in side.parts(of.identity, "columns")))


def _constraint(of: Object, statements: tuple[str, ...], side: Side) -> Made:
    index = Object("indexes", of.identity)
    return Made(statements, frozenset([index] if side.has(index) else []))


def _type(of: Object, statements: tuple[str, ...], side: Side) -> Made | None:
    """Make a base type between its functions: they need its name, and it needs them."""
    description = side.description(of) or ""
    if not description.startswith("BASE TYPE "):
        return Made(statements)
    names = dict.fromkeys(_FUNCTIONS.findall(description))
    functions = [Object("functions", name) for name in names if side.has(Object("functions", name))]
    made = [side.entries.of(each) for each in functions]
    if not all(made):
        return None
    shell = f"CREATE TYPE {of.identity};"
    return Made((shell, *(each for one in made for each in one), *statements), frozenset(functions))


_MAKERS: Mapping[str, Callable[[Object, tuple[str, ...], Side], Made | None]] = {
    "constraints": _constraint,
    "tables": _table,
    "types": _type,
    "views": _view,
}
"""By facet, where an entry is not all."""
