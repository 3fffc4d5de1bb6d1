"""NOT NULL behind the rows: a column that is given its values by them can only then be without NULLs. Pure."""

import re
from collections.abc import Iterable
from dataclasses import replace

from rollproof.model.names import NAME, PATH
from rollproof.repair.step import Step

# As `set_not_null` writes it.
NOT_NULL = re.compile(
    rf"ALTER TABLE (?P<table>{PATH}) (?:ALTER COLUMN (?P<column>{NAME}) SET NOT NULL"
    rf"|ADD (?:CONSTRAINT {NAME} )?NOT NULL (?P<other>{NAME})(?P<how>(?: NO INHERIT)?(?: NOT VALID)?));"
)
_KEPT = ("prepare", "rows", "drop")


def behind_rows(steps: Iterable[Step]) -> list[Step]:
    """Return the steps with each NOT NULL of a table whose rows are put back at the end of the step that does that."""
    given = list(steps)
    rows = {table: place for place, step in enumerate(given) if step.verb == "rows" for table in tables_of(step)}
    late: dict[int, list[str]] = {place: [] for place in rows.values()}
    for place, step in enumerate(given):
        if step.verb in _KEPT or step.optional or step.of.relation not in rows:
            continue
        moved = list(_moved(step))
        if moved:
            late[rows[step.of.relation]] += moved
            given[place] = replace(step, statements=tuple(each for each in step.statements if each not in moved))
    return [replace(step, statements=(*step.statements, *late.get(place, ()))) for place, step in enumerate(given)]


def tables_of(step: Step) -> frozenset[str]:
    """Return the tables whose rows a step puts back."""
    return frozenset() if step.optional else frozenset({step.of.identity, *(each.identity for each in step.mends)})


def _moved(step: Step) -> Iterable[str]:
    """Return its statements that must wait: those that say NOT NULL, and in a column's own step what stands on that (identity)."""
    places = [place for place, text in enumerate(step.statements) if NOT_NULL.fullmatch(text)]
    if places and step.of.facet == "columns" and step.verb == "alter":
        return step.statements[places[0] :]
    return [step.statements[place] for place in places]
