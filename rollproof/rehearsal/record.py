"""What took place in a rehearsal, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rollproof.model.finding import Finding, FindingId
from rollproof.model.phase import PARTLY
from rollproof.rehearsal.blame.origin import Origin
from rollproof.rehearsal.costs.figures import Figures
from rollproof.rehearsal.costs.forecast import Forecast
from rollproof.rehearsal.crash_point import CrashPoint
from rollproof.rehearsal.doors.door import Doors
from rollproof.rehearsal.process import Ran
from rollproof.rehearsal.proxy.sent import Sent
from rollproof.verdict.outcome import Report

Word = Literal["good", "warning", "bad", "undecided", "irreversible"]
"""A warning decides nothing: it is about something else than the rollback. What is `irreversible`, the tool says itself."""

ABOVE = "ABOVE THE LIMIT"
"""The verdict where all that is bad is that a figure is beyond its limit."""
CLOSED = "A DOOR IS CLOSED"
"""The verdict where all that is bad is that an application does not live on a schema, and somebody requires that it does."""


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
    forecasts: tuple[Forecast, ...] = ()
    is_limit: bool = False  # a figure was held against a limit that the user set
    doors: Doors | None = None
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
        """1 if anything is bad, else 7 if anything is undecided or nothing was compared, else 0.

        A limit that was passed and a door that is closed say nothing of the rollback: they count where that is proved.
        """
        bad = [stage for stage in self.stages if stage.word == "bad"]
        if self.lost or not all(stage.is_limit or stage.doors for stage in bad):
            return 1
        return 7 if not self.is_proved else 1 if bad else 0

    @property
    def is_proved(self) -> bool:
        """Whether the database, rolled back, was held against what it was, and nothing is undecided."""
        compared = any(stage.compared and stage.word == "good" for stage in self.stages)
        return compared and all(stage.word != "undecided" for stage in self.stages)

    @property
    def verdict(self) -> str:
        """One word or some for what it came to."""
        if self.exit_code == 1 and self.is_above_the_limit:
            return ABOVE
        if self.exit_code == 1 and self.is_door_closed:
            return CLOSED
        word = {0: "VERIFIED", 1: "NOT RESTORED", 7: "INCONCLUSIVE"}[self.exit_code]
        return f"{PARTLY}{word}" if self.exit_code == 0 and self.parts else word

    @property
    def is_above_the_limit(self) -> bool:
        """Whether all that is bad is that a figure is beyond its limit."""
        bad = [stage for stage in self.stages if stage.word == "bad"]
        return bool(bad) and all(stage.is_limit for stage in bad) and self.is_proved and not self.lost

    @property
    def is_door_closed(self) -> bool:
        """Whether all that is bad is that a required pair of application and schema does not work; figures may be, too."""
        bad = [stage for stage in self.stages if stage.word == "bad"]
        is_closed = any(stage.doors for stage in bad) and all(stage.doors or stage.is_limit for stage in bad)
        return is_closed and self.is_proved and not self.lost

    @property
    def lost(self) -> tuple[CrashPoint, ...]:
        """The places from which the rollback does not bring the database back."""
        return tuple(each for each in self.crashes if each.findings or each.trouble)

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
        """The first stage that decided the verdict; None if all stages are good, or none of them decided it."""
        word = {1: "bad", 7: "undecided"}.get(self.exit_code)
        return next((each for each in self.stages if each.word == word), None)

    @property
    def forecasts(self) -> tuple[Forecast, ...]:
        """How long nobody could read or write which table in production."""
        return tuple(each for stage in self.stages for each in stage.forecasts)

    @property
    def rollback_seconds(self) -> float:
        """How long the rollback's commands ran, all revisions together; what was rehearsed a second time does not count."""
        return sum(ran.seconds for stage in self.stages if stage.name == "rollback" for ran in stage.ran)
