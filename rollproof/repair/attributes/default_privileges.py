"""Statements about default privileges: of all objects of a kind that a role will make, as one list. Pure."""

import re
from collections.abc import Mapping

from rollproof.model.compare import Difference
from rollproof.model.names import WORD
from rollproof.repair.attributes.acl import OWNER, Grants, Target, fresh, grants, renamed
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

_GROUP = re.compile(rf"(?P<kind>[A-Z]+(?: OBJECTS)?) MADE BY (?P<role>{WORD})(?: IN SCHEMA (?P<schema>{WORD}))?")
_KINDS = {
    "TABLES": "table",
    "SEQUENCES": "sequence",
    "FUNCTIONS": "function",
    "TYPES": "type",
    "SCHEMAS": "schema",
    "LARGE OBJECTS": "large object",
}
_UNREAD = "what was recorded is not understood"


def _changed(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Undo what became of the whole list: without a schema it stands for PostgreSQL's own, so what is not told counts, too."""
    of = sides.before.object_of(difference.facet, difference.identity)
    group = _GROUP.fullmatch(of.identity)
    if group is None or group["kind"] not in _KINDS:
        return Refused(_UNREAD)
    if group["schema"] and _is_left(Object("schemas", group["schema"]), sides):
        return Altered(())  # they go with it
    was, now = (_listed(group, of, side, sides) for side in (sides.before, sides.after))
    if was is None or now is None:
        return Refused(_UNREAD)
    where = f" IN SCHEMA {group['schema']}" if group["schema"] else ""
    target = Target(group["kind"], group["role"], before=f"ALTER DEFAULT PRIVILEGES FOR ROLE {group['role']}{where} ")
    return Altered(tuple(target.statements(now, was)))


def _is_left(of: Object, sides: Sides) -> bool:
    """Tell whether an object was left behind, to be dropped."""
    return of.facet in sides.before.all_facts and sides.after.has(of) and not sides.before.has(of)


def _listed(group: re.Match[str], of: Object, side: Side, sides: Sides) -> Grants | None:
    known = side.attached("default_privileges", of)
    if not known and not group["schema"]:
        return fresh(_KINDS[group["kind"]], min(sides.before.version, sides.after.version))
    told = [grants(name.removeprefix(f"{of.identity} TO "), text) for name, text in known.items()]
    return (
        None if None in told else renamed(frozenset(each for one in told for each in one or ()), {group["role"]: OWNER})
    )


CHANGES: Mapping[str, Alter] = {"default_privileges": _changed}
"""Undoes one difference, by facet."""
