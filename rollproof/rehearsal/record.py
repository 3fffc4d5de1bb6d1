"""What took place in a rehearsal, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rollproof.model.finding import Finding, FindingId
from rollproof.rehearsal.blame.origin import Origin
from rollproof.rehearsal.costs.figures import Figures
from rollproof.rehearsal.crash.crash_point import CrashPoint
from rollproof.rehearsal.process import Ran
from rollproof.rehearsal.proxy.sent import Sent
from rollproof.verdict.outcome import Report

Word = Literal["good", "bad", "undecided", "irreversible"]


@dataclass(frozen=True)
class Stage:
    """One stage of the story: its `name` ("migrate", "post_rollback", "roll back again"), of which `revision` in a staircase.

    `began` and `seconds` are seconds, the first since the rehearsal began. `sentence` says what came of it. A stage in which a
    command was `ran` has what it `sent` and its `figures`; one in which the database was compared has `findings`, with the
    `origins` of those whose origin is known; one in which all checks of a phase were run has their `report`.
    """

    name: str
    word: Word
    sentence: str
    began: float = 0.0
    seconds: float = 0.0
    revision: str = ""
    ran: tuple[Ran, ...] = ()
    sent: tuple[Sent, ...] = ()
    figures: Figures | None = None
    findings: tuple[Finding, ...] = ()
    origins: Mapping[FindingId, Origin] = field(default_factory=dict)
    report: Report | None = None


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal on one server: what of (`source`, `tool`), where (`server`), its `stages` and `crashes` in order.

    `left_out` says what the throw-away database lacks that the source has; `notes` are things to know.
    """

    source: str
    tool: str
    server: str
    version: int
    started: str
    seconds: float
    stages: tuple[Stage, ...] = ()
    crashes: tuple[CrashPoint, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 if anything is bad, else 7 if anything is undecided, else 0."""
        words = {stage.word for stage in self.stages}
        crashed = any(each.findings or each.trouble for each in self.crashes)
        return 1 if "bad" in words or crashed else 7 if "undecided" in words else 0

    @property
    def verdict(self) -> str:
        """One word or two for what it came to."""
        return {0: "VERIFIED", 1: "NOT RESTORED", 7: "INCONCLUSIVE"}[self.exit_code]

    @property
    def worst(self) -> Stage | None:
        """The first stage that decided the verdict; None if all is good."""
        return next((each for word in ("bad", "undecided") for each in self.stages if each.word == word), None)
