"""What cannot be dropped freed of what is: a column of its default, a domain of its check. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from rollproof.model.names import is_word
from rollproof.repair.clauses.tables import ColumnClauses, column_clauses, table_clauses
from rollproof.repair.makers import Release
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Released


def _column(of: Object, dropped: Object, sides: Sides) -> Released | None:
    """Free a column of what its default calls, or of its type: its values wait as text meanwhile."""
    told = sides.after.description(of) or ""
    was, now = (column_clauses(each) for each in (sides.before.description(of) or told, told))  # it may be left behind
    if was is None or now is None or now.generated or was.generated:
        return None
    comes_back = sides.before.has(of) or sides.before.has(dropped)
    table, name = of.relation, of.identity.removeprefix(f"{of.relation}.")
    alter = f"ALTER TABLE ONLY {table} ALTER COLUMN {name}"
    loose = (f"{alter} DROP DEFAULT;",) if now.default else ()
    fixed = (f"{alter} SET DEFAULT {was.default};",) if was.default and comes_back else ()
    if dropped.facet != "types" or not is_word(dropped.identity, now.type):
        return Released(loose, fixed)
    if not comes_back or _is_in_key(name, table, sides.after):
        return None
    waits = _waiting(of, was, sides)
    return replace(waits, before=(*loose, *waits.before), after=(*waits.after, *fixed))


def _waiting(of: Object, was: ColumnClauses, sides: Sides) -> Released:
    """Have values wait as text, and be looked at by the planner anew when they are back."""
    table, name = of.relation, of.identity.removeprefix(f"{of.relation}.")
    dependents = sides.after.graph.dependents(of)
    in_the_way = frozenset(each for each in dependents if each.facet not in {"columns", "sequences"})
    last = (f"ANALYZE {table};",)
    if any(f"{parent}.{name}" in sides.after.facts("columns") for parent in sides.after.parents(table)):
        return Released((), (), in_the_way, last)  # its type is its parent's
    retype = f"ALTER TABLE {table} ALTER COLUMN {name} TYPE"
    return Released(
        (f"{retype} pg_catalog.text USING {name}::pg_catalog.text;",),
        (f"{retype} {was.type} USING {name}::{was.plain_type};",),
        in_the_way,
        last,
    )


def _is_in_key(name: str, table: str, side: Side) -> bool:
    """Tell whether a table, or what it is a partition of, or one of its own partitions, is partitioned by a column."""
    above = [table]
    for each in above:
        above += [parent for parent in side.parents(each) if parent not in above]
    keys = (table_clauses(side.facts("tables").get(each, "")) for each in (*above, *side.descendants(table)))
    return any(known is not None and is_word(name, known.key) for known in keys)


RELEASES: Mapping[str, Release] = {"columns": _column}
"""By the facet of what is freed."""
