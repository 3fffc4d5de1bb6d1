"""All targets with one verdict, by the precedence of exit codes that a single run has. Pure."""

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rollproof.model.amounts import counted
from rollproof.model.phase import PARTLY, PHASES
from rollproof.verdict.fleet.target_groups import SharedRoot, TargetGroup, badness, grouped, shared
from rollproof.verdict.fleet.target_outcome import TargetOutcome
from rollproof.verdict.outcome import BAD
from rollproof.verdict.run_verdict import OTHER_VERDICTS, not_read


@dataclass(frozen=True)
class FleetReport:
    """The verdict of a fleet: the worst of its targets' verdicts.

    `outcomes` are in the order of the list; `missing` are the targets that nobody came to. `targets` says what was asked for,
    `executor` who did it, without secrets. `started` is UTC in ISO 8601. `interrupted` is the number of the signal that ended it.
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

    @cached_property
    def shared(self) -> tuple[SharedRoot, ...]:
        """Roots that stand in more than one group's set."""
        return shared(self.outcomes)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many targets came to each verdict, the worst first."""
        return counted_by_verdict(self.outcomes)

    @cached_property
    def worst(self) -> TargetOutcome | None:
        """The target whose verdict is the fleet's."""
        return min(self.outcomes, key=_badness, default=None)

    @property
    def verdict(self) -> str:
        """One word for all."""
        if self.interrupted or self.missing:
            return "INTERRUPTED"
        return self.worst.verdict if self.worst else OTHER_VERDICTS["not checked"][0]

    @property
    def exit_code(self) -> int:
        """The exit code of the worst; 128 and the signal where the run was ended by one."""
        if self.interrupted or self.missing:
            return 128 + (self.interrupted or signal.SIGINT)
        return self.worst.exit_code if self.worst else OTHER_VERDICTS["not checked"][1]

    @property
    def tone(self) -> Literal["good", "part", "bad", "open"]:
        """What kind of news the verdict is: good, good of a part, bad, or nothing was decided."""
        if self.exit_code == 0:
            return "part" if self.verdict.startswith(PARTLY) else "good"
        return "bad" if self.exit_code in BAD else "open"

    @property
    def sentence(self) -> str:
        """What the targets came to, in one sentence."""
        return "; ".join(self._said())

    def _said(self) -> Iterator[str]:
        every = len(self.outcomes) + len(self.missing)
        if self.missing:
            yield f"ended before {len(self.missing):,} of {counted(every, 'target')} {_was(len(self.missing))} verified"
        elif self.interrupted:
            yield "ended by a signal when every target had been verified"
        if not self.outcomes:
            yield "no target was verified, and silence is not proof"
        elif not self.exit_code:
            yield f"{counted(len(self.outcomes), 'target')}: {self._good}"
        else:
            (word, number), *others = self.counts.items()
            yield f"{number:,} of {counted(every, 'target')}{'' if word == self.verdict else f' {word}'}"
            if others:
                yield ", ".join(f"{more:,} {other}" for other, more in others)
        if warnings := sum(each.warnings for each in self.outcomes):
            some = sum(bool(each.warnings) for each in self.outcomes)
            yield f"{counted(warnings, 'warning')} in {counted(some, 'target')}"
        if unread := sum(each.unread for each in self.outcomes):
            some = sum(bool(each.unread) for each in self.outcomes)
            yield f"{not_read(unread)}, in {counted(some, 'target')}"
        if earlier := sum(each.earlier for each in self.outcomes):
            yield f"{counted(earlier, 'target')} taken over from an earlier run"

    @property
    def _good(self) -> str:
        """What is said of a good end; of a part, what the part was."""
        word, sentence = (self.worst.verdict, self.worst.sentence) if self.worst else ("", "")
        return (
            PHASES[self.phase].good_sentence if self.phase in PHASES and word == PHASES[self.phase].good else sentence
        )


def counted_by_verdict(outcomes: Sequence[TargetOutcome]) -> dict[str, int]:
    """Return how many targets came to each verdict, the worst first."""
    found: dict[str, int] = {}
    for each in sorted(outcomes, key=_badness):
        found[each.verdict] = found.get(each.verdict, 0) + 1
    return found


def _badness(outcome: TargetOutcome) -> tuple[int, bool]:
    return badness(outcome.exit_code, outcome.verdict)


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
