"""What took place in a rehearsal, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rollproof.model.finding import Finding, FindingId
from rollproof.model.phase import PARTLY
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
    is_limit: bool = False  # a figure was held against a limit that the user set
    compared: bool = False  # the database, rolled back, was held against what it was before the migration


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
        """1 if anything is bad, else 7 if anything is undecided or nothing was compared, else 0."""
        words = {stage.word for stage in self.stages}
        proved = any(stage.compared and stage.word == "good" for stage in self.stages)
        return 1 if "bad" in words or self._crashed else 0 if proved and "undecided" not in words else 7

    @property
    def _crashed(self) -> bool:
        return any(each.findings or each.trouble for each in self.crashes)

    @property
    def verdict(self) -> str:
        """One word or two for what it came to."""
        word = {0: "VERIFIED", 1: "NOT RESTORED", 7: "INCONCLUSIVE"}[self.exit_code]
        if self.worst and self.worst.is_limit and self.worst.word == "bad" and not self._crashed:
            return "ABOVE THE LIMIT"
        return f"{PARTLY}{word}" if self.exit_code == 0 and self.parts else word

    @property
    def parts(self) -> tuple[str, ...]:
        """Why a good word is about a part only: what was left out, and what has no way back."""
        return (*self.left_out, *(f"{each} has no way back, says the tool" for each in self.irreversible))

    @property
    def irreversible(self) -> tuple[str, ...]:
        """The revisions that have no way back, in order; a migration of one piece is called so."""
        found = (stage.revision or "the migration" for stage in self.stages if stage.word == "irreversible")
        return tuple(dict.fromkeys(found))

    @property
    def worst(self) -> Stage | None:
        """The first stage that decided the verdict, one about a limit last of all; None if all is good."""
        ordered = sorted(self.stages, key=lambda stage: stage.is_limit)
        return next((each for word in ("bad", "undecided") for each in ordered if each.word == word), None)

    @property
    def rollback_seconds(self) -> float:
        """How long the rollback's commands ran, all revisions together; what was rehearsed a second time does not count."""
        return sum(ran.seconds for stage in self.stages if stage.name == "rollback" for ran in stage.ran)
