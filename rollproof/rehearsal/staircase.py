"""A staircase: each revision up, down and up again, so that the one whose way down is dishonest is named."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from rollproof.model.errors import Inconclusive
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.state import State
from rollproof.rehearsal.tools.step import Step

_IN_USE = "is being accessed by other users"  # whoever wants to drop, rename or copy the database
FIRST = "migrate"  # and not "migrate again"
KEPT_EVERY = 16
"""Revisions after which the database is kept, to go up again from there: that ends the session that reads it."""


@dataclass
class Staircase:
    """Goes up the `steps` of a tool, from a database in which none of them is applied.

    `fill` makes rows in tables that have none, as the steps make such tables.
    """

    stages: Stages
    steps: Sequence[Step]
    fill: Callable[[], None] = lambda: None
    _tried: frozenset[str] = frozenset()  # to be filled
    _kept: tuple[str, int] = ("", 0)  # the database as it was when so many steps were applied
    _checked: bool = False
    _anew: bool = False  # went up once more, which leads to other moments and numbers than the first time

    def told(self) -> Iterator[Stage]:
        """Tell it, stage by stage: "migrate", "rollback" and "migrate again" of each; it ends where no way leads up."""
        below = self._now()
        self.stages.left_out.extend(self.stages.states.unread(below))
        for number in range(len(self.steps)):
            if not self._kept[0] or number - self._kept[1] >= KEPT_EVERY:
                self._keep(number)
            below = self._filled(below, number)
            yield (up := self._ran(FIRST, number, number))
            if up.word != "good":
                higher = (each.revision for each in self.steps[number + 1 :])
                self.stages.left_out.extend(f"{each}: {up.revision}, below it, did not go up" for each in higher)
                return
            above = self._now()
            self._anew = False
            yield from self._down(number, below, above)
            below = self._now() if self._anew else above

    def _filled(self, below: State, number: int) -> State:
        if below.empty <= self._tried:
            return below
        self._tried |= below.empty
        self.fill()
        self._keep(number)  # what was filled is not filled alike when the steps go up again
        return self._now()

    def _down(self, number: int, below: State, above: State) -> Iterator[Stage]:
        """Go down and up again; where that was not honest, say what did it, and go up anew."""
        step = self.steps[number]
        if step.irreversible or not step.down:
            yield Stage("rollback", "irreversible", step.irreversible or "it has no way down", revision=step.revision)
            return
        down = self._ran("rollback", number, number + 1)
        if down.word != "good":
            yield down
            yield from self._explained(self._unharmed(step, above), number, since=1)
            return
        down = self.stages.compared(down, below, self._now(), "before it was migrated")
        yield from self._explained(down, number)
        if down.word == "good":
            again = self._ran("migrate again", number, number)
            if again.word == "good":
                again = self.stages.compared(again, above, self._now(), "the first time")
            if again.word == "good" and again.sentence:  # other values than the first time
                self._keep(number + 1)
                self._anew = True
            yield from self._explained(again, number, rounds=3, since=1)

    def _ran(self, name: str, number: int, applied: int) -> Stage:
        """Go up or down; once more without our session in the database, if it stood in the way."""
        make, step = self.stages, self.steps[number]
        up = partial(make.ran, name, step.up, step.revision) if name != FIRST else partial(make.up, step)
        go = up if applied == number else partial(make.back, name, step)
        stage = go(measure=make.is_step_measured)
        if _IN_USE not in stage.sentence or not make.states.keeps_session:
            return stage
        make.states.keeps_session = False
        make.states.let_go()
        self._rise(applied)
        return go(measure=make.is_step_measured)

    def _unharmed(self, step: Step, above: State) -> Stage:
        """A rollback that refuses or fails must leave the database as it was."""
        told = "the failed rollback left the database as it was"
        stage = Stage("after the failed rollback", "good", told, revision=step.revision)
        return self.stages.compared(stage, above, self._now(), "before the failed rollback")

    def _explained(self, stage: Stage, number: int, rounds: int = 2, since: int = 0) -> Iterator[Stage]:
        """Yield a stage; if it is bad with what did it, and at the first one with all checks. Then go on above it."""
        if stage.word == "good":
            yield stage
            return
        world, step = self.stages.world, self.steps[number]
        landed = world.keep()
        self._rise(number)
        before = world.keep()
        yield (stage := self.stages.traced(stage, before, step, rounds, since))
        if stage.compared and stage.word == "bad" and not self._checked:
            self._checked = True
            world.bring_back(landed)
            whole = self.stages.checked(DEFAULT_PHASE, world.server.dsn(before), step.revision)
            yield replace(whole, origins=stage.origins)
        world.bring_back(before)
        world.forget(landed)
        self._keep(number, before)
        self._rise(number + 1)
        self._keep(number + 1)
        self._anew = True

    def _now(self) -> State:
        return self.stages.states.taken(self.stages.world.url)

    def _keep(self, number: int, name: str = "") -> None:
        """Keep the database, or what was kept under a `name`, as it is where so many steps are applied."""
        old, _ = self._kept
        self._kept = name or self.stages.world.keep(), number
        if old:
            self.stages.world.forget(old)

    def _rise(self, number: int) -> None:
        """Go up to where so many steps are applied. Raises `Inconclusive` if a step does not go up a second time."""
        name, since = self._kept
        self.stages.world.bring_back(name)
        for step in self.steps[since:number]:
            if trouble := self.stages.commands.run(step.up, measure=False).trouble:
                raise Inconclusive(f"{step.revision} was migrated once, and cannot be migrated again: {trouble}")
