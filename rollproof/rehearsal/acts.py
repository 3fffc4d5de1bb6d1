"""What is told on one server: the story or the staircase, and what was asked for beside it, each from the same state."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg

from rollproof.commands.verification import limits
from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.applications import Applications
from rollproof.rehearsal.contention import Contention
from rollproof.rehearsal.crash.crashes import Crashes
from rollproof.rehearsal.crash_point import CrashPoint
from rollproof.rehearsal.ground import Ground
from rollproof.rehearsal.limits import held_to
from rollproof.rehearsal.login import require_role
from rollproof.rehearsal.open_doors import OpenDoors
from rollproof.rehearsal.outage import Outage
from rollproof.rehearsal.plan import Plan
from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.staircase import FIRST, Staircase
from rollproof.rehearsal.story import Story
from rollproof.rehearsal.traffic.between import Between
from rollproof.rehearsal.traffic.writes import Writes
from rollproof.system.deadline import Deadline


@dataclass
class Acts:
    """What is told of a `plan` on a `ground`; `baseline` is where the story keeps its baseline."""

    ground: Ground
    plan: Plan
    baseline: Path
    began: float
    writes: Writes | None = None
    crashes: list[CrashPoint] = field(default_factory=list)
    applications: Applications | None = None

    def __post_init__(self) -> None:
        ground, asked = self.ground, self.ground.asked
        self.stages = Stages(
            ground.world,
            ground.commands,
            ground.known,
            ground.tell,
            self.began,
            keeps_session=asked.every_step,
            left_out=ground.left_out,
        )
        if self.applications and self.applications.role:
            require_role(ground.world.url, self.applications.role, "--application-role")
        others = asked.contend or self.writes or asked.is_crashed or self.applications
        self._kept = ground.world.keep() if others or ground.rows.made else ""

    def told(self) -> Iterator[Stage]:
        """Tell all of it; where something cannot go on, the stage after it says why."""
        outage = self._outage()
        yield from (told := tuple(self._first()))
        yield from undecided(self._others(told), self.began)
        if outage:
            told = (*told, outage.stage(told))
            yield told[-1]
        yield from held_to(self.ground.asked, told)

    def _first(self) -> list[Stage]:
        """Tell the story or the staircase; once more without rows of ours, where the migration fails on these alone."""
        told = again = list(undecided(self._begin(), self.began))
        if not (why := _failure(told)):
            return told
        while self.ground.rows.made:
            self._without_rows(_failing_statement(told) if again is told else "")
            again = list(undecided(self._begin(), self.began))
            if not _failure(again):
                self.ground.rows.give_up(why)
                return again
        self.ground.rows.keep_up()
        return told

    def _without_rows(self, statement: str) -> None:
        world = self.ground.world
        world.bring_back(self._kept)
        world.forget(self._kept)
        self.ground.rows.take_away(world, statement)
        self._kept = world.keep()

    def _begin(self) -> Iterator[Stage]:
        if self.ground.asked.every_step:
            fill = partial(self.ground.rows.fill, self.ground.world)
            return Staircase(self.stages, self.plan.steps, fill).told()
        self.baseline.unlink(missing_ok=True)
        return Story(self.stages, self.plan.whole, self.baseline).told()

    def _others(self, told: tuple[Stage, ...]) -> Iterator[Stage]:
        asked, whole, kept = self.ground.asked, self.plan.whole, self._kept
        if asked.contend:
            yield from Contention(self.stages, whole, kept, told).told()
        if self.writes:
            yield from Between(self.stages, whole, kept, told, self.writes).told()
        if self.applications:
            yield from OpenDoors(self.stages, whole, kept, self.applications).told(told)
        if asked.is_crashed:
            reports = Path(self.ground.known.settings.report_dir)
            crashes = Crashes(self.stages, whole, kept, asked.crash_sample, reports, self.crashes)
            yield from crashes.told()
            self.ground.left_out += crashes.left_out

    def _outage(self) -> Outage | None:
        settings, asked = self.ground.known.settings, self.ground.asked
        within = limits(settings, Deadline(settings.max_duration))
        return Outage.of(asked.traffic_from, asked.traffic_seconds, within) if asked.traffic_from else None


def undecided(stages: Iterator[Stage], began: float) -> Iterator[Stage]:
    """Yield stages; where they cannot go on, the last one says why."""
    try:
        yield from stages
    except (Inconclusive, psycopg.Error) as error:
        yield Stage("the rehearsal", "undecided", f"it could not go on: {error}", time.monotonic() - began)


def _failure(told: list[Stage]) -> str:
    """Return what the first migration said when it failed; "" if it did not."""
    first = next((stage for stage in told if stage.name == FIRST), None)
    if first is None or first.word == "good" or not first.ran or first.ran[-1].code == 0:
        return ""
    lines = first.ran[-1].said.splitlines() or [first.sentence]
    return next((line for line in lines if "ERROR" in line.upper()), lines[-1]).strip()


def _failing_statement(told: list[Stage]) -> str:
    """Return the statement at which the first migration failed; "" if nobody knows."""
    sent = next((stage.sent for stage in told if stage.name == FIRST), ())
    return next((each.text for each in sent if each.error), "")
