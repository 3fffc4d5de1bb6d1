"""What the functions that a statement calls, or that its triggers call, do inside. Pure."""

import re
from collections.abc import Iterator

from rollproof.rehearsal.doors.facts import Function
from rollproof.rehearsal.doors.look import Look
from rollproof.rehearsal.doors.reason import Reason, doubt, refused

Names = frozenset[tuple[str, str, str]]
_READ = ("sql",)  # languages whose bodies the server itself looks into
_RIGHTS = "rights "
_NO_SQL = ("c", "internal")


def of_functions(home: Look, other: Look, gone: Names, role: str) -> Iterator[Reason]:
    """Yield which bodies fail, or speak of what is `gone` from the other schema or of what `role` may not do there."""
    known = {(each.name, each.via): each for each in home.functions}
    for each in _concerned(other):
        was = known.get((each.name, each.via))
        if each.complaint and not (was and was.complaint):
            yield refused(f"{_told(each)}, whose body fails: {each.complaint}")
        elif was and was.definition != each.definition:
            yield doubt(f"{_told(each)}, which is defined otherwise")
        elif was and (missed := _missed(each, gone)):
            yield doubt(f"{_told(each)}, whose body speaks of {missed}, which is gone or changed")
        elif was and (denied := _denied(each, gone, role)):
            yield doubt(f"{_told(each)}, whose body speaks of {denied[0]}, on which {role} has no {denied[1]}")


def _concerned(look: Look) -> Iterator[Function]:
    """Yield the functions that are called: a trigger's only where the statement does what the trigger acts on."""
    acts = {(write.table, write.kind) for write in look.writes}
    acting = {
        f"{table.name}.{trigger.name}"
        for table in look.relations
        for trigger in table.triggers
        if any((table.name, kind) in acts for kind in trigger.on)
    }
    return (each for each in look.functions if not each.via or each.via in acting)


def _missed(function: Function, gone: Names) -> str:
    if function.language in (*_READ, *_NO_SQL):
        return ""
    words = _words(function)
    found = sorted(
        f"{within}.{name}" if within else name
        for name, within, what in gone
        if name.lower() in words and (not within or within.lower() in words) and not what.startswith(_RIGHTS)
    )
    return found[0] if found else ""


def _denied(function: Function, gone: Names, role: str) -> tuple[str, str] | None:
    """Return a table of which the body speaks and what the role may not do there any more, unless it runs as its owner."""
    if function.language in _NO_SQL or function.as_owner or not role:
        return None
    words = _words(function)
    rights = (
        (name, *what.removeprefix(_RIGHTS).rsplit(" ", 2)[1:]) for name, _, what in gone if what.startswith(_RIGHTS)
    )
    found = sorted(
        (name, right) for name, whose, right in rights if whose == role and {name.lower(), right.lower()} <= words
    )
    return found[0] if found else None


def _words(function: Function) -> set[str]:
    return {word.lower() for word in re.findall(r"[^\W\d][\w$]*", function.body)}


def _told(function: Function) -> str:
    return f"{function.via} calls {function.name}" if function.via else f"it calls {function.name}"


def unread(look: Look) -> str:
    """Return a clause about what is not looked into; "" if all is."""
    names = dict.fromkeys(each.name for each in _concerned(look) if each.language not in (*_READ, *_NO_SQL))
    inside = f"what {', '.join(names)} does inside is not looked into" if names else ""
    return "; ".join(filter(None, (inside, look.unread)))
