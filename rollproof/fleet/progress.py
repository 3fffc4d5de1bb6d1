"""How far a fleet is, on stderr: one line that changes on a terminal; in a log a line for each bad target, and one now and then."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rollproof.model.amounts import counted
from rollproof.system.output import Door
from rollproof.verdict.fleet.target_outcome import TargetOutcome

FEW = 20
"""Targets of which each is told; of more only those that are not good."""
MANY = 200
"""Targets that are not good of which each is told; the report has all."""
EVERY = 60.0
NAMED = 3
"""Lines of a list in the message of a target that are told at once."""


@dataclass
class Progress:
    """What is told of `total` targets while they are done; `good` is the word of what is as it should be."""

    total: int
    say: Callable[[str], object]
    _began: float = field(default_factory=time.monotonic)
    _said: float = field(default_factory=time.monotonic)
    _done: int = 0
    _bad: dict[str, int] = field(default_factory=dict)

    def ended(self, outcome: TargetOutcome) -> None:
        """Count a target, and tell of it if somebody should know now."""
        self._done += 1
        bad = outcome.exit_code != 0
        if bad:
            self._bad[outcome.verdict] = self._bad.get(outcome.verdict, 0) + 1
        if self.total <= FEW or (bad and sum(self._bad.values()) <= MANY):
            self._draw("")
            why = _shortly(outcome.headline or outcome.sentence) if bad else ""
            self.say(f"{outcome.name}: {outcome.verdict}{why and ': '}{why}")

    def look(self, at_work: int) -> None:
        """Tell how far it is, if it is time to."""
        if sys.stderr.isatty():
            self._draw(f"rollproof: {self.line(at_work)}")
        elif time.monotonic() - self._said > EVERY:
            self._said = time.monotonic()
            self.say(self.line(at_work))

    def line(self, at_work: int) -> str:
        """Return how far it is, in words."""
        bad = [f"{number:,} {verdict}" for verdict, number in self._bad.items()]
        return ", ".join(
            [f"{self._done:,} of {counted(self.total, 'target')}", *bad, f"{at_work:,} at work", *self._left()]
        )

    def _left(self) -> list[str]:
        seconds = time.monotonic() - self._began
        if not self._done or self._done >= self.total:
            return []
        left = seconds / self._done * (self.total - self._done)
        return [f"about {left / 60:,.0f} min left" if left > 90 else f"about {left:,.0f} s left"]  # noqa: PLR2004 (people count so)

    def over(self) -> None:
        """Take the line away."""
        self._draw("")

    def _draw(self, line: str) -> None:
        if isinstance(sys.stderr, Door) and sys.stderr.isatty():
            sys.stderr.draw(line)


def _shortly(text: str) -> str:
    """Return the first line of a message, with the first that it names if it is the beginning of a list."""
    first, *named = text.splitlines() or [""]
    if not first.endswith(":") or not named:
        return first
    more = f"; and {counted(len(named) - NAMED, 'more line')}" if len(named) > NAMED else ""
    return f"{first} {'; '.join(line.removeprefix('- ') for line in named[:NAMED])}{more}"
