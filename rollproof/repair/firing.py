"""Whether a trigger or rule fires: the states that descriptions tell, and the statements that bring them about. Pure."""

import re
from collections.abc import Iterator

from rollproof.model.names import table_of
from rollproof.repair.clauses.pieces import last_name
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side

USUAL = "ENABLE"
_STATES = {
    "": USUAL,
    "DISABLED": "DISABLE",
    "ENABLED ON REPLICA ONLY": "ENABLE REPLICA",
    "ENABLED ALWAYS": "ENABLE ALWAYS",
}
_STATED = re.compile(rf"(?:({'|'.join(filter(None, _STATES))}) )?(\(inherited\) )?(.*)", re.DOTALL)


def fires(description: str) -> tuple[str, bool, str]:
    """Return the words that bring its state about, whether it is a partitioned table's trigger's, and its definition."""
    found = _STATED.fullmatch(description)
    state, inherited, definition = found.groups() if found else (None, None, description)
    return _STATES[state or ""], bool(inherited), definition


def enabled(of: Object, words: str) -> str:
    """Return the statement that brings about the state of a trigger or rule, or of an event trigger."""
    if of.facet == "event_triggers":
        return f"ALTER EVENT TRIGGER {of.identity} {words};"
    kind = "TRIGGER" if of.facet == "triggers" else "RULE"
    return f"ALTER TABLE ONLY {table_of(of.identity)} {words} {kind} {last_name(of.identity)};"


def parts_of(trigger: Object, side: Side) -> Iterator[Object]:
    """Yield the triggers of partitions that come and go with one of a partitioned table."""
    tables = {table_of(trigger.identity)}
    while more := {part for part, told in side.facts("partitions").items() if _whole(told) in tables} - tables:
        tables |= more
    for table in sorted(filter(None, tables)):
        each = Object("triggers", f"{table}.{last_name(trigger.identity)}")
        if each != trigger and fires(side.description(each) or "")[1]:
            yield each


def _whole(description: str) -> str | None:
    return table_of(description.removeprefix("PARTITION OF "))
