"""Statements about owners and privileges of large objects, which facts tell in groups. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.model.names import WORD, sql_name
from rollproof.repair.attributes.acl import OWNER, PUBLIC, Grant, Grants, Target, fresh, renamed
from rollproof.repair.makers import Alter
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

_GROUP = re.compile(rf"of (?P<owner>{WORD})(?: granted (?P<grants>.+))?", re.DOTALL)
_NAME = r'(?:"(?:[^"]|"")+"|\w+)'
_ITEM = re.compile(rf"(?P<role>{_NAME})?=(?P<letters>(?:[rw]\*?)*)/(?P<by>{_NAME})(?:, |\Z)")
_LETTERS = {"r": "SELECT", "w": "UPDATE"}
_NUMBERS = "large_object_numbers"
_UNREAD = "what was recorded is not understood"
_UNKNOWN = "which large objects they are is not recorded: there are too many, or an older rollproof took the baseline"
_LOST = "a large object is lost: only a backup has its bytes ({0})"
_LEFT = "a large object was left behind: SELECT pg_catalog.lo_unlink({0}) removes it with its bytes ({0})"
_Group = tuple[str, Grants]
"""Owner and grants."""


def _changed(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Give each large object that is still there the owner and the grants that it had."""
    was, now = _groups(sides.before), _groups(sides.after)
    if was is None or now is None:
        return Refused(_UNKNOWN)
    moved: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number in sorted(was.keys() & now.keys()):
        if was[number] != now[number]:
            moved[was[number], now[number]].append(number)
    statements: list[str] = []
    for (then, here), numbers in moved.items():
        old, new = _parsed(then), _parsed(here)
        if old is None or new is None:
            return Refused(_UNREAD)
        statements += _given(numbers, old, new)
    left = _left(difference.identity, was, now)
    return Altered(tuple(statements), left=left) if statements else Refused(left or _UNKNOWN)


def _groups(side: Side) -> dict[int, str] | None:
    """Return the group of each large object; None if not all are known."""
    listed = side.facts(_NUMBERS)
    if _NUMBERS not in side.all_facts or listed.keys() != side.facts("large_objects").keys():
        return None
    return {int(number): group for group, numbers in listed.items() for number in numbers.split(", ")}


def _parsed(group: str) -> _Group | None:
    found = _GROUP.fullmatch(group)
    if found is None:
        return None
    owner = found["owner"]
    if found["grants"] is None:
        return owner, fresh("large object", 0)
    granted: list[Grant] = []
    at, text = 0, "" if found["grants"] == "to nobody" else found["grants"]
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None:
            return None
        role, by = (_name(item[part]) for part in ("role", "by"))
        pairs = re.findall(r"([rw])(\*?)", item["letters"])
        granted += [Grant(role, by, _LETTERS[letter], bool(option)) for letter, option in pairs]
        at = item.end()
    return owner, renamed(frozenset(granted), {owner: OWNER})


def _name(raw: str | None) -> str:
    """Return a role as SQL writes it: an item of an access control list quotes it by another rule."""
    return PUBLIC if raw is None else sql_name(raw[1:-1].replace('""', '"') if raw.startswith('"') else raw)


def _given(numbers: list[int], was: _Group, now: _Group) -> Iterator[str]:
    if was[0] != now[0]:
        yield from (f"ALTER LARGE OBJECT {number} OWNER TO {was[0]};" for number in numbers)
    target = Target(f"LARGE OBJECT {', '.join(map(str, numbers))}", was[0])
    yield from target.statements(renamed(now[1], {was[0]: OWNER}), was[1])


def _left(group: str, was: Mapping[int, str], now: Mapping[int, str]) -> str:
    """Return what is not mended of a group: its large objects that are lost, or were left behind."""
    lost = [str(number) for number, of in was.items() if of == group and number not in now]
    left = [str(number) for number, of in now.items() if of == group and number not in was]
    told = ([_LOST.format(", ".join(lost))] if lost else []) + ([_LEFT.format(", ".join(left))] if left else [])
    return "; ".join(told)


CHANGES: Mapping[str, Alter] = {"large_objects": _changed}
"""Undoes one difference, by facet."""
