"""Statements that create triggers, policies, rules and event triggers, from facts. Pure."""

from collections.abc import Mapping

from rollproof.model.names import table_of
from rollproof.repair.clauses.pieces import last_name
from rollproof.repair.firing import USUAL, enabled, fires, parts_of
from rollproof.repair.makers import Create
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side
from rollproof.repair.step import Made, Refused


def _trigger(of: Object, side: Side) -> Made | Refused:
    """Create a trigger; that of a partition comes with the partitioned table's. Their states are given to them later."""
    _, inherited, definition = fires(side.description(of) or "")
    return Made(() if inherited else (f"{definition};",), frozenset() if inherited else frozenset(parts_of(of, side)))


def _rule(of: Object, side: Side) -> Made | Refused:
    words, _, definition = fires(side.description(of) or "")
    return Made((definition, *([enabled(of, words)] if words != USUAL else [])))


def _policy(of: Object, side: Side) -> Made | Refused:
    return Made((f"CREATE POLICY {last_name(of.identity)} ON {table_of(of.identity)} AS {side.description(of)};",))


def _event_trigger(of: Object, side: Side) -> Made | Refused:
    words, _, definition = fires(side.description(of) or "")
    create = f"CREATE EVENT TRIGGER {of.identity} {definition};"
    return Made((create, *([enabled(of, words)] if words != USUAL else [])))


CREATES: Mapping[str, Create] = {
    "triggers": _trigger,
    "rules": _rule,
    "policies": _policy,
    "event_triggers": _event_trigger,
}
"""By facet."""
