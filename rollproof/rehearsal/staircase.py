"""A staircase: each revision up, down and up again, so that the one whose way down is dishonest is named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from rollproof.model.errors import Inconclusive
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.state import State
from rollproof.rehearsal.tools.step import Step

_IN_USE = "is being accessed by other users"  # whoever wants to drop, rename or copy the database
KEPT_EVERY = 16
"""Revisions after which the database is kept, to go up again from there: that ends the session that reads it."""


@dataclass
class Staircase:
    """Goes up the `steps` of a tool, from a database in which none of them is applied."""

    stages: Stages
    steps: Sequence[Step]
    _kept: tuple[str, int] = ("", 0)  # the database as it was when so many steps were applied
    _checked: bool = field(default=False)

    def told(self) -> Iterator[Stage]:
        """Tell it, stage by stage: "migrate", "rollback" and "migrate again" of each; it ends where no way leads up."""
        below = self._now()
        for number in range(len(self.steps)):
            self._keep(number)
            yield (up := self._ran("migrate", number, number))
            if up.word != "good":
                return
            above = self._now()
            yield from self._down(number, below, above)
            below = above

    def _down(self, number: int, below: State, above: State) -> Iterator[Stage]:
        """Go down and up again; where that was not honest, go up anew."""
        make, step = self.stages, self.steps[number]
        if step.irreversible or not step.down:
            yield Stage("rollback", "irreversible", step.irreversible or "it has no way down", revision=step.revision)
            return
        down = self._ran("rollback", number, number + 1)
        if down.word != "good":
            yield down
            yield from self._unharmed(number, above)
            return
        yield (down := self._traced(make.compared(down, below, self._now(), "before it was migrated"), number))
        if down.word != "good":
            yield from (replace(stage, origins=down.origins) for stage in self._first_bad(number))
            self._rise(number + 1)
            return
        again = make.ran("migrate again", step.up, step.revision, measure=False)
        if again.word == "good":
            again = self._traced(make.compared(again, above, self._now(), "the first time"), number, rounds=3, since=1)
        yield again
        if again.word != "good":
            self._rise(number + 1)

    def _ran(self, name: str, number: int, applied: int) -> Stage:
        """Go up or down; once more without our session in the database, if it stood in the way."""
        make, step = self.stages, self.steps[number]
        go = partial(make.up, step) if applied == number else partial(make.back, name, step)
        stage = go(measure=make.is_step_measured)
        if _IN_USE not in stage.sentence or not make.states.keeps_session:
            return stage
        make.states.keeps_session = False
        make.states.let_go()
        self._rise(applied)
        return go(measure=make.is_step_measured)

    def _traced(self, stage: Stage, number: int, rounds: int = 2, since: int = 0) -> Stage:
        """Return the stage, if it is bad with the origins of what was found; see `Stages.traced`."""
        if stage.word != "bad":
            return stage
        world = self.stages.world
        now = world.keep()
        self._rise(number)
        before = world.keep()
        stage = self.stages.traced(stage, before, self.steps[number], rounds, since)
        world.bring_back(now)
        for kept in (now, before):
            world.forget(kept)
        return stage

    def _first_bad(self, number: int) -> Iterator[Stage]:
        """Run all checks where the first way down has led elsewhere, against the database as it was."""
        if self._checked:
            return
        self._checked = True
        world = self.stages.world
        landed = world.keep()
        self._rise(number)
        before = world.keep()
        world.bring_back(landed)
        yield self.stages.checked(DEFAULT_PHASE, world.server.dsn(before), self.steps[number].revision)
        for kept in (landed, before):
            world.forget(kept)

    def _unharmed(self, number: int, above: State) -> Iterator[Stage]:
        """A rollback that refuses or fails must leave the database as it was."""
        told = "the failed rollback left the database as it was"
        stage = Stage("after the failed rollback", "good", told, revision=self.steps[number].revision)
        stage = self.stages.compared(stage, above, self._now(), "before the failed rollback")
        yield (stage := self._traced(stage, number, since=1))
        if stage.word != "good":
            self._rise(number + 1)

    def _now(self) -> State:
        return self.stages.states.taken(self.stages.world.url)

    def _keep(self, number: int) -> None:
        name, since = self._kept
        if not name or number - since >= KEPT_EVERY:
            self._kept = self.stages.world.keep(), number
            if name:
                self.stages.world.forget(name)

    def _rise(self, number: int) -> None:
        """Go up to where so many steps are applied. Raises `Inconclusive` if a step does not go up a second time."""
        name, since = self._kept
        self.stages.world.bring_back(name)
        for step in self.steps[since:number]:
            if trouble := self.stages.commands.run(step.up, measure=False).trouble:
                raise Inconclusive(f"{step.revision} was migrated once, and cannot be migrated again: {trouble}")
