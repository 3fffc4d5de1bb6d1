"""Accepted differences: exact, reasoned and mortal."""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from rollproof.compare import Difference
from rollproof.spelling import names, respelled, table_of

LEFTOVERS = "leftovers"
NONE: Mapping[str, str] = MappingProxyType({})
# The facet whose identities are the names of a kind alone; two kinds of object may share a name.
_HOME = {
    "column": "columns", "index": "indexes", "constraint": "constraints", "trigger": "triggers", "rule": "rules",
    "policy": "policies", "statistics": "statistics", "table": "tables", "foreign table": "tables", "view": "views",
    "materialized view": "views", "sequence": "sequences", "function": "functions", "procedure": "functions",
    "aggregate": "aggregates", "type": "types", "domain": "types", "schema": "schemas", "role": "roles",
    "extension": "extensions", "publication": "publications", "subscription": "subscriptions", "language": "languages",
    "event trigger": "event_triggers", "access method": "access_methods", "tablespace": "tablespaces",
}  # fmt: skip
_TOLD_AS = {"procedure": "function", "aggregate": "function", "domain": "type"}  # by owners, privileges and comments
_RELATIONS = {"table", "foreign table", "view", "materialized view"}
# What else comes with an object of a kind, as a regular expression that has NAME.
_MORE = {
    "schema": r"NAME\..*|NAME IN PUBLICATION .*|.* IN SCHEMA NAME(?: .*)?",
    "role": r"NAME (?:IN|ON) .*|(?:.* )?(?:TO|MADE BY|IN|FOR ROLE|of) NAME(?: .*)?",
    "extension": r"NAME: .*",
    "publication": r".* IN PUBLICATION NAME",
    **dict.fromkeys(_RELATIONS, r"NAME[. ].*"),
}


def belongs(left: str, difference: Difference, owner: str | None = None) -> bool:
    """Tell whether a fact came with an object that was left behind, `name (kind)`; `owner` is the column of the fact's sequence."""
    name, _, kind = left.removesuffix(")").rpartition(" (")
    facet, identity = difference.facet, difference.identity
    if owner and f"{owner}.".startswith(f"{name}."):
        return True
    if identity == name:  # a constraint's index has its name
        home = _HOME.get(kind)
        return facet == home or facet not in _HOME.values() or (home, facet) == ("constraints", "indexes")
    path = names(name)
    if kind == "statistics":  # which lie in a schema of their own, on a table
        name = f"{path[0]}.{path[-1]}"
    if f"{identity} ".startswith(tuple(f"{name} ({told}) " for told in (kind, _TOLD_AS.get(kind, kind), kind.upper()))):
        return True
    if _handed_down(kind, path, difference):
        return True
    return re.fullmatch(_MORE.get(kind, "(?!)").replace("NAME", re.escape(name)), identity, re.DOTALL) is not None


def _handed_down(kind: str, path: list[str], difference: Difference) -> bool:
    """Tell whether a partition or a child has this from its parent, which the waiver names."""
    if _HOME.get(kind) != difference.facet or not path or not difference.after:
        return False
    if kind == "index":
        return f" PARTITION OF {path[0]}.{path[-1]}" in respelled(difference.after)
    return "(inherited)" in difference.after and names(difference.identity)[-1] == path[-1]


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One difference that is accepted until a day, that day included.

    `check` is the check's slug and `identity` the whole identity as the failure prints it; no patterns. A waiver of `leftovers`
    accepts an object, `public.x (table)`, and with it every fact that came with the object, in every check.
    """

    check: str
    identity: str
    reason: str
    until: datetime.date

    def __str__(self) -> str:
        return f"{self.check}: {self.identity} (until {self.until}: {self.reason})"


class Waivers:
    """The waivers of one run, and which of them were needed.

    `today` is passed in: the clock is not this module's business. `owned` tells the columns that sequences belong to.
    """

    def __init__(self, waivers: Sequence[Waiver], today: datetime.date, owned: Mapping[str, str] = NONE) -> None:
        self._owned = owned
        self._alive = {(waiver.check, waiver.identity): waiver for waiver in waivers if waiver.until >= today}
        self.ended = tuple(waiver for waiver in waivers if waiver.until < today)
        self._used: set[Waiver] = set()

    def accept(self, differences: Iterable[Difference]) -> tuple[Difference, ...]:
        """Return the differences that no waiver accepts, and remember which waivers were needed."""
        rest = []
        for difference in differences:
            if waiver := self._alive.get((difference.facet, difference.identity)) or self._leftover(difference):
                self._used.add(waiver)
            else:
                rest.append(difference)
        return tuple(rest)

    def _leftover(self, difference: Difference) -> Waiver | None:
        """Return the waiver of the object that this fact came with; what was there before, or is missing, came with none."""
        if difference.before is not None:
            return None
        owner = self._owned.get(table_of(difference.identity) or "")
        return next(
            (
                waiver
                for waiver in self._alive.values()
                if waiver.check == LEFTOVERS and belongs(waiver.identity, difference, owner)
            ),
            None,
        )

    @property
    def used(self) -> tuple[Waiver, ...]:
        """The waivers that accepted something."""
        return tuple(sorted(self._used, key=str))

    def unused(self, checks: Iterable[str]) -> tuple[Waiver, ...]:
        """Return the waivers, ended ones too, that accepted nothing although their check is among those that ran."""
        ran = set(checks)
        idle = [waiver for waiver in self._alive.values() if waiver not in self._used]
        return tuple(waiver for waiver in [*idle, *self.ended] if waiver.check in ran)
