"""Targets by their identical sets of roots: what hundreds of them have in common is one thing to understand, and to mend. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from rollproof.model.phase import PARTLY
from rollproof.verdict.fleet.root import Root
from rollproof.verdict.fleet.target_outcome import TargetOutcome
from rollproof.verdict.outcome import KINDS, rank

_WORST = {3: 0, 4: 1, 1: 2, 7: 3, 5: 4}
"""The exit codes by their precedence, the worst first; what is interrupted stands before what was decided."""


@dataclass(frozen=True)
class TargetGroup:
    """Targets that came to the same: one verdict, and one set of roots.

    `targets` are in the order of the list. Where no root says what is wrong, `reasons` do, in the words of the first target; of
    others they may name another server.
    """

    verdict: str
    exit_code: int
    roots: tuple[Root, ...]
    left_out: int
    targets: tuple[TargetOutcome, ...]
    reasons: tuple[str, ...]
    digest: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the targets."""
        return tuple(each.name for each in self.targets)

    @property
    def anchor(self) -> str:
        """The name by which a page and a file refer to it: the same in every run that finds the same."""
        told = "\n".join([self.verdict, self.digest, *map(repr, self.roots), *self.reasons])
        return f"group-{sha256(told.encode('utf-8', 'backslashreplace')).hexdigest()[:10]}"

    @property
    def unread(self) -> int:
        """How many tables of its targets were not read."""
        return sum(each.unread for each in self.targets)

    @property
    def severity(self) -> str:
        """That of its worst root, "" if it has none."""
        return min((root.severity for root in self.roots), key=rank, default="")

    @property
    def scripts(self) -> dict[str, tuple[TargetOutcome, ...]]:
        """The targets by the SHA-256 of what would repair them, the script of most targets first."""
        found: dict[str, list[TargetOutcome]] = {}
        for each in self.targets:
            if each.repair:
                found.setdefault(each.repair, []).append(each)
        return {key: tuple(some) for key, some in sorted(found.items(), key=lambda each: -len(each[1]))}


@dataclass(frozen=True)
class SharedRoot:
    """A root, how many `targets` have it, and how many of them have no other: they are `alone` with it."""

    root: Root
    targets: int
    alone: int


def badness(exit_code: int, verdict: str = "") -> tuple[int, bool]:
    """Return the place of a verdict among all, the least for the worst; good is the last, and a part of it stands before it."""
    place = -1 if exit_code > max(_WORST) else _WORST.get(exit_code, len(KINDS))
    return place, not verdict.startswith(PARTLY)


def grouped(outcomes: Iterable[TargetOutcome]) -> tuple[TargetGroup, ...]:
    """Return the groups, the worst first, then the most severe, then the largest. Each target is in one."""
    found: dict[tuple[object, ...], list[TargetOutcome]] = {}
    for each in outcomes:
        key = (each.verdict, each.exit_code, each.digest, each.roots, each.left_out, _reasons(each))
        found.setdefault(key, []).append(each)
    groups = (
        TargetGroup(
            some[0].verdict,
            some[0].exit_code,
            some[0].roots,
            some[0].left_out,
            tuple(some),
            _told(some[0]),
            some[0].digest,
        )
        for some in found.values()
    )
    return tuple(sorted(groups, key=_order))


def shared(outcomes: Sequence[TargetOutcome]) -> tuple[SharedRoot, ...]:
    """Return each root that several sets have, with how many targets have it: that of most targets first."""
    having, alone, sets = Counter[Root](), Counter[Root](), Counter[Root]()
    met = set[tuple[str, tuple[Root, ...]]]()
    for each in outcomes:
        having.update(each.roots)
        alone.update(each.roots if len(each.roots) == 1 and not each.left_out else ())
        if (key := (each.digest, each.roots)) not in met:
            met.add(key)
            sets.update(each.roots)
    found = (SharedRoot(root, number, alone[root]) for root, number in having.items() if sets[root] > 1)
    return tuple(sorted(found, key=lambda each: (-each.targets, rank(each.root.severity), each.root)))


def _told(outcome: TargetOutcome) -> tuple[str, ...]:
    """Return why it came to that, where no root says so."""
    if outcome.roots or outcome.exit_code == 0:
        return ()
    return outcome.doubts or ("; ".join(outcome.sentence.splitlines()),)


def _reasons(outcome: TargetOutcome) -> tuple[str, ...]:
    """Return the same without the names of this target and its server, which are others in a target with the same trouble."""
    told = _told(outcome)
    if not told:
        return ()
    known = {outcome.name, outcome.server, outcome.server.rpartition(":")[0], outcome.address, outcome.schema}
    own = sorted(filter(None, known), key=len, reverse=True)
    return tuple(_without(own, text) for text in told)


def _without(words: Iterable[str], text: str) -> str:
    for word in words:
        at = text.find(word)  # no regular expression: there would be one for each of many targets
        while at >= 0:
            end = at + len(word)
            alone = not (text[max(at - 1, 0) : at].isalnum() or text[end : end + 1].isalnum())
            text = f"{text[:at]}…{text[end:]}" if alone else text
            at = text.find(word, at + 1 if alone else end)
    return text


def _order(group: TargetGroup) -> tuple[tuple[int, bool], int, int, str]:
    return badness(group.exit_code, group.verdict), rank(group.severity), -len(group.targets), group.anchor
