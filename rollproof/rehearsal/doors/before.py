"""What acts on a row before its columns are judged, and may fill them, change them or leave the row out. Pure."""

import re
from collections.abc import Iterable

from rollproof.rehearsal.doors.facts import Function, Relation, Trigger
from rollproof.rehearsal.doors.reason import Reason, doubt

_WHOLE_ROW = re.compile(
    r"\bNEW\s*:?=|\bINTO\s+(?:STRICT\s+)?NEW\b|\bRETURN\s+(?:NULL|OLD)\b|\bEXECUTE\b", re.IGNORECASE
)
_BEFORE = re.compile(r'CREATE (?:CONSTRAINT )?TRIGGER (?:"(?:[^"]|"")*"|\w+) BEFORE ')


def unless_set(
    reason: Reason, kind: str, table: Relation, functions: Iterable[Function], columns: Iterable[str]
) -> Reason:
    """Return the reason; a refusal only as a doubt where a trigger or a rule may set the columns first."""
    name = _acts_before(kind, table, functions, columns) if reason.word == "refused" else ""
    return doubt(f"{reason.clause}, unless {name} of {table.name} sees to it first") if name else reason


def _acts_before(kind: str, table: Relation, functions: Iterable[Function], columns: Iterable[str]) -> str:
    """Return the name of a trigger or a rule that may keep these columns of a row from being refused; "" if there is none."""
    called = {each.via: each for each in functions if each.via}
    for trigger in (each for each in table.triggers if kind in each.on):
        if _instead(trigger):
            return trigger.name
        if _before(trigger) and _may_set(called.get(f"{table.name}.{trigger.name}"), columns):
            return trigger.name
    return ""


def _instead(trigger: Trigger) -> bool:
    return trigger.text.startswith("CREATE RULE") and " DO INSTEAD " in trigger.text


def _before(trigger: Trigger) -> bool:
    return _BEFORE.match(trigger.text) is not None and " FOR EACH ROW" in trigger.text


def _may_set(function: Function | None, columns: Iterable[str]) -> bool:
    """Tell whether a function may set one of the columns: not if it is PL/pgSQL and speaks neither of them nor of the whole row."""
    if function is None or function.language != "plpgsql" or _WHOLE_ROW.search(function.body):
        return True
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", function.body, re.IGNORECASE) for name in columns)
