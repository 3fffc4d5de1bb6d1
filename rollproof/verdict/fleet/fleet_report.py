"""All targets with one verdict, by the precedence of exit codes that a single run has."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rollproof.verdict.fleet.target_groups import TargetGroup, badness, grouped
from rollproof.verdict.fleet.target_outcome import TargetOutcome

NOT_VERIFIED = "not verified"


@dataclass(frozen=True)
class FleetReport:
    """The verdict of a fleet: the worst of its targets' verdicts.

    `outcomes` are in the order of the list; `missing` are the targets that nobody came to. `targets` says what was asked for,
    `executor` who did it, without secrets. `started` is UTC in ISO 8601.
    """

    outcomes: tuple[TargetOutcome, ...]
    missing: tuple[str, ...]
    phase: str
    targets: str
    executor: str
    started: str
    seconds: float
    tool: str
    interrupted: int = 0
    notes: tuple[str, ...] = ()

    @cached_property
    def groups(self) -> tuple[TargetGroup, ...]:
        """Targets that came to the same, the worst first."""
        return grouped(self.outcomes)

    @property
    def worst(self) -> TargetOutcome | None:
        """The target whose verdict is the fleet's."""
        return min(self.outcomes, key=lambda each: badness(each.exit_code), default=None)

    @property
    def verdict(self) -> str:
        """One word for all."""
        if self.interrupted or self.missing:
            return "INTERRUPTED"
        return self.worst.verdict if self.worst else "NOTHING CHECKED"

    @property
    def exit_code(self) -> int:
        """The exit code of the worst; 128 and the signal where the run was ended by one."""
        if self.interrupted or self.missing:
            return 128 + (self.interrupted or 2)
        return self.worst.exit_code if self.worst else 5


def counted_by_verdict(outcomes: Sequence[TargetOutcome]) -> dict[str, int]:
    """Return how many targets came to each verdict, the worst first."""
    found: dict[str, int] = {}
    for each in sorted(outcomes, key=lambda each: badness(each.exit_code)):
        found[each.verdict] = found.get(each.verdict, 0) + 1
    return found
