"""The story of one rehearsal: capture, migrate, roll back, verify, and all of it once more."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.state import State
from rollproof.rehearsal.tools.step import Step

_AGAIN = "the first time"
NOTHING = "the migration changed nothing in this database, so its rollback proves nothing"


@dataclass(frozen=True)
class Story:
    """A migration (`step`) and its rollback; `baseline` is the file that the phases are held against."""

    stages: Stages
    step: Step
    baseline: Path

    def told(self) -> Iterator[Stage]:
        """Tell it, stage by stage; it ends after a stage that no other can follow."""
        make, world = self.stages, self.stages.world
        before = make.states.taken(world.url)
        yield make.checked("pre_migration", str(self.baseline))
        yield (up := make.up(self.step))
        if up.word != "good":
            yield from self._half_way(before)
            return
        after = make.states.taken(world.url)
        if not make.states.findings(before, after):
            yield Stage("what was migrated", "undecided", NOTHING, revision=up.revision)
            return
        yield make.checked("post_migration", str(self.baseline))
        yield make.checked("pre_rollback", str(self.baseline))
        yield (down := make.back("rollback", self.step))
        if down.word != "good":
            yield self._unharmed(after)
            return
        yield make.checked("post_rollback", str(self.baseline))
        yield from self._once_more(before, after)

    def _half_way(self, before: State) -> Iterator[Stage]:
        """A migration that failed must have left the database as it was, or the rollback must bring it back from there."""
        make = self.stages
        if not make.states.findings(before, make.states.taken(make.world.url)):
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
        return self.stages.compared(stage, wanted, self.stages.states.taken(self.stages.world.url), than)

    def _unharmed(self, migrated: State) -> Stage:
        """A rollback that refuses or fails must leave the database as it was."""
        make = self.stages
        told = "the failed rollback left the database as it was"
        stage = Stage("after the failed rollback", "good", told)
        return make.compared(stage, migrated, make.states.taken(make.world.url), "before the failed rollback")
