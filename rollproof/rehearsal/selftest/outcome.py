"""What became of each fault that was planted, and of the whole self-test, as values."""

from dataclasses import dataclass
from typing import Literal

from rollproof.rehearsal.faults.fault import Fault

Word = Literal["seen", "waived", "not readable", "not configured", "missed", "not planted"]
"""What became of a fault. Blindness has its reason in the user's configuration (a waiver, a setting), in what the role may read, or
in us (missed). What could not be planted was not tried."""


@dataclass(frozen=True)
class Tried:
    """One fault that was tried: what became of it, why in one sentence ("" if it was seen), and by which `checks` it was seen."""

    fault: Fault
    word: Word
    reason: str = ""
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class HarmlessTried:
    """A harmless change that was made: `found` are subjects of findings, of which there must be none; or why it was `not_made`."""

    name: str
    found: tuple[str, ...] = ()
    not_made: str = ""


@dataclass(frozen=True)
class SelfTested:
    """A self-test: of which `database`, as which `role`, held against what, on which `server`; all that was `tried`.

    `listed` is how many faults there are; `seconds` is how long it took. `notes` are things to know; `left_out` is what the
    throw-away database lacks.
    """

    database: str
    role: str
    reference: str
    server: str
    version: int
    started: str
    seconds: float
    listed: int
    tried: tuple[Tried, ...]
    harmless: tuple[HarmlessTried, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def missed(self) -> tuple[Tried, ...]:
        """The faults that nothing of the user's explains."""
        return tuple(each for each in self.tried if each.word == "missed")

    @property
    def false_alarms(self) -> tuple[HarmlessTried, ...]:
        """The harmless changes that were told as differences."""
        return tuple(each for each in self.harmless if each.found)

    @property
    def exit_code(self) -> int:
        """1 if anything was missed or a harmless change was red, 7 if nothing was tried, else 0."""
        if self.missed or self.false_alarms:
            return 1
        return 0 if any(each.word != "not planted" for each in self.tried) else 7
