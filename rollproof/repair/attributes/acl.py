"""Access control lists: who may do what with an object, whoever granted it; and the statements from one list to another. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from rollproof.model.names import WORD
from rollproof.repair.clauses.wording import DATABASE, as_role, on_this_database

OWNER, PUBLIC = "OWNER", "PUBLIC"
_ITEM = re.compile(rf"(?P<privilege>[A-Z]+(?: SYSTEM)?)(?P<option> WITH GRANT OPTION)?(?: BY (?P<by>{WORD}))?(?:, |\Z)")
_TABLE = ("DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE")
_MAINTAIN = 17_00_00  # the first server that has this privilege
_OWNERS: Mapping[str, tuple[str, ...]] = {  # what the owner may do with a new object, by its kind
    **dict.fromkeys(("table", "view", "materialized view", "foreign table"), _TABLE),
    "sequence": ("SELECT", "UPDATE", "USAGE"),
    "function": ("EXECUTE",),
    "type": ("USAGE",),
    "schema": ("CREATE", "USAGE"),
    "language": ("USAGE",),
    "foreign-data wrapper": ("USAGE",),
    "server": ("USAGE",),
    "tablespace": ("CREATE",),
    "database": ("CONNECT", "CREATE", "TEMPORARY"),
    "parameter": ("ALTER SYSTEM", "SET"),
    "large object": ("SELECT", "UPDATE"),
}
_EVERYBODYS: Mapping[str, tuple[str, ...]] = {
    "function": ("EXECUTE",),
    "type": ("USAGE",),
    "language": ("USAGE",),
    "database": ("CONNECT", "TEMPORARY"),
}


@dataclass(frozen=True, order=True)
class Grant:
    """A privilege of a role (or OWNER, PUBLIC), granted by a role (or OWNER)."""

    role: str
    by: str
    privilege: str
    option: bool = False

    @property
    def without_option(self) -> "Grant":
        """The same, not to be granted further."""
        return replace(self, option=False)


Grants = frozenset[Grant]


def grants(role: str, description: str) -> Grants | None:
    """Return what a role may do, as `privileges` and `default_privileges` describe it; None if that is not understood."""
    if description == "nothing":
        return frozenset()
    found, at = [], 0
    while at < len(description):
        item = _ITEM.match(description, at)
        if item is None:
            return None
        found.append(Grant(role, item["by"] or OWNER, item["privilege"], item["option"] is not None))
        at = item.end()
    return frozenset(found)


def fresh(kind: str, version: int) -> Grants:
    """Return what may be done with a new object of a kind, where nobody altered the default privileges."""
    owners = set(_OWNERS.get(kind, ()))
    if kind in _OWNERS and _OWNERS[kind] is _TABLE and version >= _MAINTAIN:
        owners.add("MAINTAIN")
    everybodys = _EVERYBODYS.get(kind, ())
    return frozenset(
        (*(Grant(OWNER, OWNER, each) for each in owners), *(Grant(PUBLIC, OWNER, each) for each in everybodys))
    )


def renamed(known: Grants, roles: Mapping[str, str]) -> Grants:
    """Return the same grants by and to other roles, as a change of the owner makes them."""
    found: dict[tuple[str, str, str], bool] = {}
    for each in known:
        key = (roles.get(each.role, each.role), roles.get(each.by, each.by), each.privilege)
        found[key] = found.get(key, False) or each.option
    return frozenset(Grant(*key, option) for key, option in found.items())


@dataclass(frozen=True)
class Target:
    """What privileges are of: the text between ON and TO, `TABLE public.users`; of a `column`, its name.

    `owner` is the owner's name, `before` are words before GRANT or REVOKE.
    """

    on: str
    owner: str
    column: str = ""
    before: str = ""

    def statements(self, now: Grants, was: Grants) -> Iterator[str]:
        """Yield the statements that make of what may be done now what might be done before: only what differs is touched.

        What was granted further is revoked before that by which it was granted, and granted after it.
        """
        if not self.owner:  # what the owner may do is then not told, either
            now, was = (frozenset(each for each in known if each.role != OWNER) for known in (now, was))
        depths = _depths(now | was)
        taken, weaker = _beyond(now, was)
        given = frozenset(was - now - {each.without_option for each in weaker})
        for by, role, _, each in sorted(_grouped(taken), key=lambda one: (-depths[one[0]], one)):
            yield self._as(by, f"REVOKE {self._listed(each)} FROM {self._name(role)};")
        for by, role, _, each in sorted(_grouped(weaker), key=lambda one: (-depths[one[0]], one)):
            yield self._as(by, f"REVOKE GRANT OPTION FOR {self._listed(each)} FROM {self._name(role)};")
        for by, role, option, each in sorted(_grouped(given), key=lambda one: (depths[one[0]], one)):
            more = " WITH GRANT OPTION" if option else ""
            yield self._as(by, f"GRANT {self._listed(each)} TO {self._name(role)}{more};")

    def _name(self, role: str) -> str:
        return self.owner if role == OWNER else role

    def _listed(self, privileges: Iterable[str]) -> str:
        column = f" ({self.column})" if self.column else ""
        return f"{', '.join(f'{name}{column}' for name in privileges)} ON {self.on}"

    def _as(self, by: str, statement: str) -> str:
        """Return a statement that runs as the grantor; as the owner a superuser acts, and whoever is a member of the owner."""
        role = "" if by == OWNER else by
        statement = f"{self.before}{statement}"
        if DATABASE in self.on:
            return on_this_database(statement, role)
        return as_role(role, statement) if role else statement


def _beyond(more: Grants, less: Grants) -> tuple[Grants, Grants]:
    """Return what is granted in the first alone, and what is granted there alone with the option to grant it further."""
    known = {each.without_option for each in less}
    alone = more - less
    weaker = frozenset(each for each in alone if each.option and each.without_option in known)
    return frozenset(each for each in alone if each.without_option not in known), weaker


def _grouped(granted: Grants) -> Iterator[tuple[str, str, bool, tuple[str, ...]]]:
    """Yield grantor, role, whether with the option, and the privileges of which that is true."""
    ordered = sorted(granted, key=lambda each: (each.by, each.role, each.option, each.privilege))
    for key, group in groupby(ordered, key=lambda each: (each.by, each.role, each.option)):
        yield (*key, tuple(each.privilege for each in group))


def _depths(known: Grants) -> Mapping[str, int]:
    """Return how many grants stand between the owner and each grantor."""
    depths = {OWNER: 0}
    for depth in range(1, len(known) + 1):
        further = {each.role for each in known if each.by in depths} - depths.keys()
        depths.update(dict.fromkeys(further, depth))
    return {**{each.by: len(known) for each in known}, **depths}
