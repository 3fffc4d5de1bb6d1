"""The story of one rehearsal: capture, migrate, roll back, verify, and all of it once more."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from rollproof.model.phase import DEFAULT_PHASE, PHASES, Phase
from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.state import State
from rollproof.rehearsal.tools.step import Step
from rollproof.sources.source import CONTENT
from rollproof.verdict.outcome import Report

_AGAIN = "the first time"
_TRACED = {
    "rollback": (2, 0),
    DEFAULT_PHASE.name: (2, 0),
    "after the failed rollback": (2, 1),
    "migrate again": (3, 1),
    "roll back again": (4, 0),
}
"""The stages whose differences are traced: how many runs there were until then, and which began with what was wanted."""
NO_ROWS = "no table had a row before the migration, so nobody knows what the rollback does to rows"
NOTHING = "the migration changed nothing in this database, so its rollback proves nothing"


@dataclass
class Story:
    """A migration (`step`) and its rollback; `baseline` is the file that the phases are held against."""

    stages: Stages
    step: Step
    baseline: Path

    def told(self) -> Iterator[Stage]:
        """Tell it, stage by stage, from phase to phase; it ends after a stage that no other can follow.

        Of the first bad stage the origins are told: those of a later one are the same.
        """
        self._kept, is_traced = self.stages.world.keep(), False
        try:
            for stage in self._told():
                is_wanted = stage.word == "bad" and stage.name in _TRACED and not is_traced
                is_traced = is_traced or is_wanted
                yield self.stages.traced(stage, self._kept, self.step, *_TRACED[stage.name]) if is_wanted else stage
        finally:
            self.stages.world.forget(self._kept)

    def _told(self) -> Iterator[Stage]:
        self._before = self._after = self._now()
        if not self._before.has_rows:
            self.stages.left_out.append(NO_ROWS)
        self.stages.left_out.extend(self.stages.states.unread(self._before))
        moves = {"migrate": self._migrate, "rollback": self._roll_back}
        for phase in PHASES.values():
            for move in filter(moves.__contains__, phase.steps):
                if not (yield from moves.pop(move)()):
                    return
            yield self._checked(phase)
            self.stages.take_baseline(self.baseline)
        yield from self._once_more(self._before, self._after)

    def _checked(self, phase: Phase) -> Stage:
        """Run all checks of a phase; where rows differ, against the database as it was, which can say which rows.

        Where they find nothing, a throw-away server may show more: roles that concern no object, the bytes of large objects.
        """
        stage = self.stages.checked(phase, str(self.baseline))
        if phase != DEFAULT_PHASE or not stage.report:
            return stage
        if not _rows_differ(stage.report):
            return self._like(stage, self._before, "before the migration")
        named = self.stages.checked(phase, self.stages.world.server.dsn(self._kept))
        return named if named.word == stage.word else stage

    def _migrate(self) -> Generator[Stage, None, bool]:
        """Migrate; return whether there is something to roll back."""
        yield (up := self.stages.up(self.step))
        if self.stages.world.trouble():
            return False
        if up.word != "good":
            yield from self._half_way(self._before)
            return False
        self._after = self._now()
        if not self.stages.states.findings(self._before, self._after):
            told = f"{NOTHING}\n{up.sentence}".strip()
            yield Stage("what was migrated", "undecided", told, revision=up.revision)
            return False
        return True

    def _roll_back(self) -> Generator[Stage, None, bool]:
        """Roll back; return whether that went well."""
        yield (down := self.stages.back("rollback", self.step))
        if self.stages.world.trouble():
            return False
        if down.word != "good":
            yield self._unharmed(self._after)
        return down.word == "good"

    def _now(self) -> State:
        return self.stages.states.taken(self.stages.world.url)

    def _half_way(self, before: State) -> Iterator[Stage]:
        """A migration that failed must have left the database as it was, or the rollback must bring it back from there."""
        make = self.stages
        if not make.states.findings(before, self._now()):
            yield Stage(
                "after the failed migration", "good", "it left the database as it was; the rollback was not tried"
            )
            return
        yield Stage(
            "after the failed migration", "good", "it left the database changed, so it is rolled back from there"
        )
        yield self._like(make.back("rollback", self.step), before, "before the migration")

    def _once_more(self, before: State, after: State) -> Iterator[Stage]:
        """Migrate and roll back again: a second round finds what the first one left."""
        make = self.stages
        yield (up := self._like(make.ran("migrate again", self.step.up), after))
        if up.ran[-1].is_good:
            yield self._like(make.back("roll back again", self.step), before)

    def _like(self, stage: Stage, wanted: State, than: str = _AGAIN) -> Stage:
        if stage.word != "good":
            return stage
        return self.stages.compared(stage, wanted, self._now(), than)

    def _unharmed(self, migrated: State) -> Stage:
        """A rollback that refuses or fails must leave the database as it was."""
        make = self.stages
        told = "the failed rollback left the database as it was"
        stage = Stage("after the failed rollback", "good", told)
        return make.compared(stage, migrated, self._now(), "before the failed rollback")


def _rows_differ(report: Report) -> bool:
    return any(outcome.findings and outcome.check in CONTENT for outcome in report.outcomes)
