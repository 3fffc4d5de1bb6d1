"""A staircase: each revision up, down and up again, so that the one whose way down is dishonest is named.

States are read behind, from clones, while the tool goes on; a clone is also where the next revision goes on from, where the way
down led elsewhere.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.tools.step import Step
from rollproof.system.background import background

if TYPE_CHECKING:
    from rollproof.rehearsal.state import State


@dataclass
class Moment:
    """The database at one moment: kept under a `name`, its state being read."""

    name: str
    state: "Future[State]"


@dataclass
class Staircase:
    """Goes up the `steps` of a tool, from a database in which none of them is applied."""

    stages: Stages
    steps: Iterable[Step]
    _told_all: bool = field(default=False)

    def told(self) -> Iterator[Stage]:
        """Tell it, stage by stage: "migrate", "rollback" and "migrate again" of each revision; it ends where no way leads up."""
        below = self._now()
        for step in self.steps:
            up = self.stages.ran("migrate", step.up, step.revision, measure=False)
            if up.word != "good":
                yield up
                return
            above = self._now()
            yield up
            yield from self._down(step, below, above)
            self._forget(below)
            below = above
        self._forget(below)

    def _down(self, step: Step, below: Moment, above: Moment) -> Iterator[Stage]:
        """Go down and up again; where that was not honest, go back to where the way down began."""
        if step.irreversible or not step.down:
            yield Stage("rollback", "irreversible", step.irreversible or "it has no way down", revision=step.revision)
            return
        down = self.stages.back("rollback", step, measure=False)
        if down.word != "good":
            yield down
            yield self._unharmed(step, above)
            self._back_to(above)
            return
        landed = self._now()
        again = self.stages.ran("migrate again", step.up, step.revision, measure=False)
        risen = self._now() if again.word == "good" else None
        down = self.stages.compared(down, below.state.result(), landed.state.result(), "before it was migrated")
        yield from self._first_bad(down, below, landed)
        self._forget(landed)
        if risen:
            again = self.stages.compared(again, above.state.result(), risen.state.result(), "the first time")
            self._forget(risen)
        if down.word == "good":
            yield again
        if "bad" in (down.word, again.word):
            self._back_to(above)

    def _first_bad(self, down: Stage, below: Moment, landed: Moment) -> Iterator[Stage]:
        """Yield the stage; of the first one that is bad, all checks are run."""
        yield down
        if down.word == "bad" and not self._told_all:
            self._told_all = True
            self.stages.world.bring_back(landed.name)
            yield self.stages.checked("post_rollback", self.stages.world.server.dsn(below.name), down.revision)

    def _unharmed(self, step: Step, above: Moment) -> Stage:
        now = self._now()
        told = "the failed rollback left the database as it was"
        stage = Stage("after the failed rollback", "good", told, revision=step.revision)
        stage = self.stages.compared(stage, above.state.result(), now.state.result(), "before the failed rollback")
        self._forget(now)
        return stage

    def _now(self) -> Moment:
        name = self.stages.world.keep()
        url = self.stages.world.server.dsn(name)
        return Moment(name, background(lambda: self.stages.states.taken(url)))

    def _back_to(self, moment: Moment) -> None:
        moment.state.result()  # nobody reads a database that is copied
        self.stages.world.bring_back(moment.name)

    def _forget(self, moment: Moment) -> None:
        moment.state.result()
        self.stages.world.forget(moment.name)


def as_one(steps: Iterable[Step]) -> Step:
    """Return steps as one migration: all up in their order, and all down in the opposite one."""
    every = list(steps)
    down = tuple(command for step in reversed(every) for command in step.down)
    return replace(
        every[-1],
        up=tuple(command for step in every for command in step.up),
        down=down if all(step.down for step in every) else (),
        irreversible=next((f"{step.revision}: {step.irreversible}" for step in every if step.irreversible), ""),
    )
