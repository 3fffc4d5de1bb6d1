"""Targets by their identical sets of roots: what hundreds of them have in common is one thing to understand, and to mend."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from rollproof.verdict.fleet.target_outcome import Root, TargetOutcome
from rollproof.verdict.outcome import KINDS, rank

_WORST = {3: 0, 4: 1, 1: 2, 7: 3, 5: 4}
"""The exit codes by their precedence, the worst first; what is interrupted stands before what was decided."""


@dataclass(frozen=True)
class TargetGroup:
    """Targets that came to the same: one verdict, and one set of roots. `names` are in the order of the list."""

    verdict: str
    exit_code: int
    roots: tuple[Root, ...]
    left_out: int
    names: tuple[str, ...]
    sentence: str

    @property
    def anchor(self) -> str:
        """The name by which a page and a file refer to it: the same in every run that finds the same."""
        told = "\n".join([self.verdict, self.sentence, *map(repr, self.roots)])
        return f"group-{sha256(told.encode('utf-8', 'backslashreplace')).hexdigest()[:10]}"


def badness(exit_code: int) -> int:
    """Return the place of an exit code among all, 0 for the worst; good is the last."""
    return -1 if exit_code > max(_WORST) else _WORST.get(exit_code, len(KINDS))


def grouped(outcomes: Iterable[TargetOutcome]) -> tuple[TargetGroup, ...]:
    """Return the groups, the worst first, then the largest."""
    found: dict[tuple[object, ...], list[TargetOutcome]] = {}
    for each in outcomes:
        found.setdefault((each.verdict, each.exit_code, each.roots, each.left_out, _reason(each)), []).append(each)
    groups = (
        TargetGroup(
            some[0].verdict,
            some[0].exit_code,
            some[0].roots,
            some[0].left_out,
            tuple(each.name for each in some),
            some[0].sentence,
        )
        for some in found.values()
    )
    return tuple(sorted(groups, key=_order))


def _reason(outcome: TargetOutcome) -> str:
    """What else tells targets apart: the sentence, where no root says what is wrong."""
    return "" if outcome.roots or outcome.exit_code == 0 else outcome.sentence


def _order(group: TargetGroup) -> tuple[int, int, int, str]:
    severity = min((rank(root.severity) for root in group.roots), default=rank(""))
    return badness(group.exit_code), severity, -len(group.names), group.anchor
