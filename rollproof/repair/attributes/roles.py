"""Statements about memberships of roles, and about settings of roles and of the database. Pure."""

import re
from collections.abc import Mapping

from rollproof.model.compare import Difference
from rollproof.model.names import WORD, sql_name, unquoted
from rollproof.repair.clauses.surroundings import without_remark
from rollproof.repair.clauses.wording import DATABASE, literal, on_this_database
from rollproof.repair.makers import Alter, Attach
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

NOTE = "roles belong to the whole server: other databases see this, too"
HIDDEN = "(hidden)"
_MEMBERSHIP = re.compile(rf"(?P<member>{WORD}) IN (?P<group>{WORD})")
_MEMBER = re.compile(
    rf"member(?P<inherit> WITHOUT INHERIT)?(?P<set> WITHOUT SET)?(?: granted by (?P<by>{WORD}))?"
    r"(?P<admin> WITH ADMIN OPTION)?(?:, |\Z)"
)
_PLAIN = r"[^\W\d][\w$]*"
_SETTING = re.compile(
    rf"(?P<name>{_PLAIN}(?:\.{_PLAIN})*) FOR (?:DATABASE|ROLE (?P<role>{WORD})(?P<here> IN DATABASE)?)"
)
_LISTS = {  # of names, each of which is quoted by itself
    *("search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries"),
    *("shared_preload_libraries", "unix_socket_directories"),
}
_ELEMENT = re.compile(r'\s*(?P<name>"(?:[^"]|"")*"|[^",\s]+)\s*(?:,|\Z)')
_UNREAD = "what was recorded is not understood"
_BY_HAND = "its value is a secret, which is not recorded: set it by hand with {0}"
_Options = tuple[bool, bool, bool]
"""Of a membership: whether it has the admin option, inherits, and may SET ROLE."""


def _membership(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    statements = _joined(difference.identity, difference.before, difference.after)
    return Altered(statements, note=NOTE) if statements else Refused(_UNREAD)


def _joined(identity: str, was: str | None, now: str | None) -> tuple[str, ...]:
    """Return the statements from one description of a membership to another; () if they are not understood."""
    found, then, here = _MEMBERSHIP.fullmatch(identity), _grantors(was), _grantors(now)
    if found is None or then is None or here is None:
        return ()
    group, member = found["group"], found["member"]
    gone = (f"REVOKE {group} FROM {member}{_granted(by)};" for by in here if by not in then)
    more = (_grant(group, member, by, then[by], here.get(by)) for by in then if then[by] != here.get(by))
    return (*gone, *more)


def _grantors(description: str | None) -> Mapping[str, _Options] | None:
    """Return by whom a membership was granted, "" before 16, and how; None if that is not understood."""
    text = without_remark(description or "")
    found, at = {}, 0
    while at < len(text):
        item = _MEMBER.match(text, at)
        if item is None:
            return None
        found[item["by"] or ""] = (item["admin"] is not None, item["inherit"] is None, item["set"] is None)
        at = item.end()
    return found


def _grant(group: str, member: str, by: str, was: _Options, now: _Options | None) -> str:
    if by:
        words = zip(("ADMIN", "INHERIT", "SET"), was, strict=True)
        options = ", ".join(f"{word} {str(is_so).upper()}" for word, is_so in words)
        return f"GRANT {group} TO {member} WITH {options}{_granted(by)};"
    if now is not None and not was[0]:
        return f"REVOKE ADMIN OPTION FOR {group} FROM {member};"
    return f"GRANT {group} TO {member}{' WITH ADMIN OPTION' if was[0] else ''};"


def _granted(by: str) -> str:
    return f" GRANTED BY {by}" if by else ""


def _memberships(of: Object, side: Side) -> tuple[str, ...]:
    known = side.attached("roles", of) if of.facet == "roles" else {}
    return tuple(statement for identity, text in known.items() for statement in _joined(identity, text, None))


def _setting(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    found = _SETTING.fullmatch(difference.identity)
    if found is None:
        return Refused(_UNREAD)
    if difference.before == HIDDEN:
        return Refused(_BY_HAND.format(_assigned(found, "…").replace("'…'", "…")))
    statement = _assigned(found, difference.before)
    return Altered((statement,), note=NOTE if found["role"] else "") if statement else Refused(_UNREAD)


def _assigned(setting: re.Match[str], value: str | None) -> str:
    """Return the statement that gives a setting its value, or takes it away; "" if the value is not understood."""
    name = ".".join(map(sql_name, setting["name"].split(".")))
    text = _value(setting["name"], value) if value is not None else ""
    if text is None:
        return ""
    does = f"RESET {name}" if value is None else f"SET {name} TO {text}"
    if setting["role"] is None:
        return on_this_database(f"ALTER DATABASE {DATABASE} {does};")
    if setting["here"]:
        return on_this_database(f"ALTER ROLE {setting['role']} IN DATABASE {DATABASE} {does};")
    return f"ALTER ROLE {setting['role']} {does};"


def _value(name: str, value: str) -> str | None:
    """Return a setting's value as SET takes it: of a list each element by itself; None if it is no such list."""
    if name not in _LISTS:
        return literal(value)
    elements, at = [], 0
    while at < len(value):
        element = _ELEMENT.match(value, at)
        if element is None:
            return None
        elements.append(literal(unquoted(element["name"])))
        at = element.end()
    return ", ".join(elements) or "''"


def _settings(of: Object, side: Side) -> tuple[str, ...]:
    known = side.attached("settings", of) if of.facet == "roles" else {}
    return tuple(
        _assigned(found, text)
        for identity, text in known.items()
        if text != HIDDEN and (found := _SETTING.fullmatch(identity)) and _assigned(found, text)
    )


CHANGES: Mapping[str, Alter] = {"roles": _membership, "settings": _setting}
"""Undoes one difference, by facet."""
ATTACHES: Mapping[str, Attach] = {"roles": _memberships, "settings": _settings}
"""Gives an object that was just created all of a facet, by facet."""
