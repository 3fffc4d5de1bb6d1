"""The waivers of one run: accepted findings, with a reason and an end date."""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from types import MappingProxyType
from typing import TypeVar

from rollproof.model.compare import Difference
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.facets import Kind, facets
from rollproof.model.finding import Finding
from rollproof.model.names import names, respelled, table_of
from rollproof.settings.waiver import Waiver

Found = TypeVar("Found", Finding, Difference)

LEFTOVERS = "leftovers"
NONE: Mapping[str, str] = MappingProxyType({})


def belongs(left: str, difference: Difference, owner: str | None = None) -> bool:
    """Tell whether a fact belongs to a new object, `name (kind)`; `owner` is the column that owns the fact's sequence."""
    name, _, kind = left.removesuffix(")").rpartition(" (")
    facet, identity = difference.facet, difference.identity
    if owner and f"{owner}.".startswith(f"{name}."):
        return True
    home, known = _kinds().get(kind, ("", None))
    if identity == name:  # a constraint's index has its name
        return facet == home or facet not in _homes() or (home, facet) == ("constraints", "indexes")
    path = names(name)
    if kind == "statistics":  # which lie in a schema of their own, on a table
        name = f"{path[2] if len(path) > 3 else path[0]}.{path[-1]}"  # noqa: PLR2004 (schema.table.statistics)
    listed_as = (kind, known.listed_as if known else "", kind.upper())
    if f"{identity} ".startswith(tuple(f"{name} ({word}) " for word in listed_as if word)):
        return True
    if (facet == home and _handed_down(kind, path, difference)) or (facet == DUMP and _attached(kind, path, identity)):
        return True
    brings = known.brings if known else ""
    return bool(brings) and re.fullmatch(brings.replace("NAME", re.escape(name)), identity, re.DOTALL) is not None


@cache
def _kinds() -> dict[str, tuple[str, Kind]]:
    """Return for each kind of object its facet ("" if identities there end in the kind), and its row in `facets.toml`."""
    every = [(facet, kind) for facet, row in facets().items() for kind in row.kinds if row.holds == "definitions"]
    return {kind.kind: ("" if kind.in_identity else facet, kind) for facet, kind in every}


@cache
def _homes() -> frozenset[str]:
    return frozenset(facet for facet, _ in _kinds().values())


def _handed_down(kind: str, path: list[str], difference: Difference) -> bool:
    """Tell whether a partition or child table inherits this from the object that the waiver names."""
    if not path or not difference.after:
        return False
    if kind == "index":
        return f" PARTITION OF {path[0]}.{path[-1]}" in respelled(difference.after)
    return "(inherited)" in difference.after and names(difference.identity)[-1] == path[-1]


def _attached(kind: str, path: list[str], identity: str) -> bool:
    """Tell whether pg_dump says this, a comment or privileges, of the object that the waiver names."""
    inside = f" IN SCHEMA {path[0]}" if len(path) > 1 else ""
    return bool(path) and identity.startswith(f"{kind.upper()} {path[-1]}{inside} (")


def _nothing(check: str) -> Iterable[str]:  # noqa: ARG001 (the default of what is asked by check)
    return ()


class Waivers:
    """The waivers of one run, and which of them were used.

    `owned` are the columns that own sequences, by sequence. `differing` returns the identities that a check will find, so that
    a pattern knows beforehand how many it matches; for checks of which it returns nothing, findings are counted as they come.
    Some is `expected` of any migration, whoever else waives it. In a block of a program, waivers may be meant for other migrations:
    none is unused; of many databases verified together, one may be meant for `others`, and is unused only once it has ended.
    """

    def __init__(  # noqa: PLR0913 (what a run knows of waivers)
        self,
        waivers: Sequence[Waiver],
        today: datetime.date,
        owned: Mapping[str, str] = NONE,
        differing: Callable[[str], Iterable[str]] = _nothing,
        *,
        expected: Sequence[Waiver] = (),
        block: bool = False,
        others: bool = False,
    ) -> None:
        self._expected, self._block, self._others = expected, block, others
        self._owned = owned
        self._differing = differing
        self._alive = (*expected, *(waiver for waiver in waivers if waiver.until >= today))
        self._exact = {(waiver.check, waiver.identity): waiver for waiver in self._alive if waiver.identity}
        self.ended = tuple(waiver for waiver in waivers if waiver.until < today)
        self._used: dict[Waiver, set[tuple[str, str]]] = {}

    @cached_property
    def _matched(self) -> dict[Waiver, set[str]]:
        """The identities that each pattern matches, as far as they are known."""
        patterns = [waiver for waiver in self._alive if waiver.identity_pattern]
        known = {check: list(self._differing(check)) for check in {waiver.check for waiver in patterns}}
        return {waiver: {each for each in known[waiver.check] if waiver.matches(each)} for waiver in patterns}

    def accept(self, found: Iterable[Found]) -> tuple[Found, ...]:
        """Return the findings (or differences) that no waiver accepts, and remember which waivers were used."""
        findings = [(each, each if isinstance(each, Finding) else Finding.of(each)) for each in found]
        for waiver, matched in self._matched.items() if findings else ():
            matched |= {
                finding.subject
                for _, finding in findings
                if finding.check == waiver.check and waiver.matches(finding.subject)
            }
        rest = []
        for each, finding in findings:
            if accepting := next(self._accepting(finding), None):
                self._used.setdefault(accepting, set()).add((finding.check, finding.subject))
            else:
                rest.append(each)
        return tuple(rest)

    def unaccepted(self, found: Iterable[Difference]) -> tuple[Difference, ...]:
        """Return the differences that no waiver accepts, without remembering anything."""
        return tuple(each for each in found if next(self._accepting(Finding.of(each)), None) is None)

    def _accepting(self, finding: Finding) -> Iterator[Waiver]:
        """Yield the waivers that accept this, the exact one first."""
        if exact := self._exact.get((finding.check, finding.subject)):
            yield exact
        yield from (waiver for waiver in self._meaning(finding) if waiver not in self.exceeded)

    def _meaning(self, finding: Finding) -> Iterator[Waiver]:
        """Yield the patterns that match this, and the waivers of the new object that it belongs to.

        What was there before belongs to no new object.
        """
        yield from (each for each in self._matched if each.check == finding.check and each.matches(finding.subject))
        if finding.expected is not None or not finding.compared:
            return
        difference = finding.difference
        owner = self._owned.get(table_of(finding.subject) or "")
        for waiver in self._alive:
            objects = [waiver.identity] if waiver.identity else self._matched[waiver]
            if waiver.check == LEFTOVERS and any(belongs(each, difference, owner) for each in objects):
                yield waiver

    @property
    def exceeded(self) -> tuple[Waiver, ...]:
        """The patterns that match more than `at_most` findings, and so accept none."""
        return tuple(waiver for waiver, matched in self._matched.items() if len(matched) > waiver.at_most)

    def excess(self, findings: Iterable[Finding]) -> list[str]:
        """Return sentences about patterns that match these findings but accept none, because they match too many."""
        meaning = {waiver for finding in findings for waiver in self._meaning(finding)}
        return [self._too_many(waiver) for waiver in self.exceeded if waiver in meaning]

    def exceeded_late(self) -> tuple[Finding, ...]:
        """Return the patterns that had accepted something before they matched too much."""
        return tuple(
            Finding("waivers", str(waiver), None, None, self._too_many(waiver))
            for waiver in self.exceeded
            if waiver in self._used
        )

    def _too_many(self, waiver: Waiver) -> str:
        return (
            f"the waiver {waiver} accepts nothing: it matches {len(self._matched[waiver]):,} findings, "
            f"more than its at_most = {waiver.at_most}"
        )

    @property
    def used(self) -> tuple[Waiver, ...]:
        """The waivers that accepted something."""
        return tuple(sorted(self._used, key=str))

    @property
    def taken(self) -> Mapping[Waiver, int]:
        """The waivers of the configuration that accepted something, and how many findings."""
        return {waiver: len(self._used[waiver]) for waiver in self.used if waiver not in self._expected}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was expected, and came."""
        came = [waiver for waiver in self._expected if waiver in self._used]
        return tuple(f"accepted: {each.check} {each.identity}: {each.reason}" for each in came)

    def unused(self, checks: Iterable[str]) -> tuple[Waiver, ...]:
        """Return the waivers, ended ones too, that accepted nothing although their check is among those that ran."""
        if self._block:
            return ()
        ran, without = set(checks), {*self._used, *self.exceeded, *self._expected}
        idle = [waiver for waiver in self._alive if not self._others and waiver not in without]
        return tuple(waiver for waiver in [*idle, *self.ended] if waiver.check in ran)
