"""Objects that need each other, so that none of them can be made first: how a circle of them is opened. Pure.

A view is made with its columns alone, and gets its query at the end. A table or a domain goes first, for what it needs of the
others is a default or a check, which have statements of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rollproof.model.descriptions import type_of
from rollproof.repair.clauses.pieces import before_word, last_name, listed
from rollproof.repair.creation.apart import Parts, apart
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side
from rollproof.repair.step import Step

_VIEW = ("CREATE VIEW ", "CREATE OR REPLACE VIEW ")
_FIRST = ("tables", "types")

Ignored = Mapping[Object, frozenset[Object]]
"""What an object of a circle does not wait for, although it needs it."""


def opened(steps: Sequence[Step], mutual: Mapping[int, set[int]], side: Side) -> tuple[list[Step], Ignored]:
    """Return the steps with circles opened; `mutual` says by place which steps wait for each other."""
    found, last = list(steps), []
    ignored: dict[Object, frozenset[Object]] = {}
    for place, others in mutual.items():
        step = steps[place]
        partners = frozenset(each for other in others for each in (steps[other].of, *steps[other].brings))
        if parts := _parts(step, partners, side):
            ignored[step.of] = partners
            found[place] = replace(step, statements=parts[0])
            last.append(Step("attributes", step.of, parts[1], after=frozenset([step.of])))
    unfinished = {step.of for step in last if step.of.facet == "views"}
    return [*_after_views(found, unfinished, side), *(step for step in last if step.statements)], ignored


def _parts(step: Step, partners: frozenset[Object], side: Side) -> Parts | None:
    """Return the statements that make an object without its partners, and those that complete it; None if there are none."""
    if step.of.facet in _FIRST:
        return apart(step.of, side, partners) or (step.statements, ())
    if step.of.facet == "views" and step.statements[0].startswith(_VIEW) and (columns := _columns(step.of, side)):
        return (columns,), tuple(_whole(step))
    return None


def _columns(view: Object, side: Side) -> str:
    """Return the statement that creates a view with its columns and without its query; "" where their order is not known."""
    known = {last_name(name): type_of(text) for name, text in side.parts(view.identity, "columns").items()}
    query = (side.description(view) or "").partition(" AS SELECT ")[2]
    order = [last_name(each.rpartition(" ")[2]) for each in listed(before_word(query, "FROM")[0])]
    if sorted(order) != sorted(known):
        return ""
    return f"CREATE VIEW {view.identity} AS SELECT {', '.join(f'NULL::{known[name]} AS {name}' for name in order)};"


def _whole(step: Step) -> Iterator[str]:
    first, *more = step.statements
    yield _VIEW[1] + first.removeprefix(_VIEW[0]) if first.startswith(_VIEW[0]) else first
    yield from more


def _after_views(steps: Sequence[Step], unfinished: set[Object], side: Side) -> Iterator[Step]:
    """Yield the steps; one that reads from a view, and keeps what it read, comes after its query."""
    for step in steps:
        keeps = step.of.facet == "views" and step.statements and not step.statements[0].startswith(_VIEW)
        yield replace(step, after=step.after | (unfinished & side.graph.all_needs(step.of))) if keeps else step
