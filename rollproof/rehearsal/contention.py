"""The migration, and its rollback, beside a session that writes: do they retry, fail cleanly, or hang? (`--contend`)"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import psycopg

from rollproof.model.amounts import counted
from rollproof.model.bookkeeping import known
from rollproof.model.printable import one_line
from rollproof.rehearsal.costs.contender import Contender
from rollproof.rehearsal.costs.figures import Figures
from rollproof.rehearsal.costs.impatience import lock_timeout
from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.state import State
from rollproof.rehearsal.tools.step import Step

BESIDE = " beside a writer"
_NOTICED = 0.5  # seconds that somebody waited, so that it is worth a word


@dataclass(frozen=True)
class Contention:
    """A migration (`step`) on the database as it was `kept` before it, as it was the first time: `stages`."""

    make: Stages
    step: Step
    kept: str
    first: tuple[Stage, ...]

    def told(self) -> Iterator[Stage]:
        """Tell it: the migration beside a writer and, if it got to its end, its rollback beside one."""
        if not self._went_well("migrate"):
            return
        self.make.world.bring_back(self.kept)
        before = self._now()
        yield (up := self._beside("migrate"))
        if not up.ran:
            return
        if not up.ran[-1].is_good:
            yield from self._left(up, before)
            return
        if not self._went_well("rollback"):
            return
        migrated = self._now()
        yield (down := self._beside("rollback"))
        if not down.ran:
            return
        if down.ran[-1].is_good:
            stage = Stage(f"after the rollback{BESIDE}", "good", "the database is as it was")
            yield self.make.compared(stage, before, self._now(), "before the migration")
        else:
            yield from self._left(down, migrated)

    def _went_well(self, name: str) -> bool:
        """Whether it did the first time, alone, so that it is worth trying beside somebody."""
        return any(stage.name == name and stage.word == "good" for stage in self.first)

    def _now(self) -> State:
        return self.make.states.taken(self.make.world.url)

    def _beside(self, name: str) -> Stage:
        """Run the migration, or the rollback, while a writer holds locks."""
        commands = self.step.up if name == "migrate" else self.step.down
        limit = lock_timeout(sent.text for stage in self.first if stage.name == name for sent in stage.sent)
        try:
            with Contender(self.make.world.url, frozenset(each.name for each in known()), limit) as writer:
                make = replace(self.make, commands=replace(self.make.commands, others=(writer.pid,)))
                stage = make.ran(name + BESIDE, commands)
        except psycopg.Error as error:
            return Stage(name + BESIDE, "undecided", f"no writer could be set beside it: {one_line(str(error))}")
        if writer.missing:
            return replace(stage, word="undecided", sentence=writer.missing)
        if stage.word == "undecided" or stage.ran[-1].trouble:  # it hung, or asked a question
            return stage
        if stage.word != "good" and not writer.given_up:  # it failed, but not for these locks
            return stage
        in_the_way = stage.word == "good" and writer.waited and not writer.given_up and _behind(stage.figures)
        return replace(stage, word="warning" if in_the_way else "good", sentence=_told(stage, writer))

    def _left(self, failed: Stage, wanted: State) -> Iterator[Stage]:
        """What a run that failed left: the database as it was, or at least one that the rollback, run again, puts back."""
        stage = Stage(f"after the {failed.name} failed", "good", "it left the database as it was")
        held = self.make.compared(stage, wanted, self._now(), "before it")
        if held.word == "good" or failed.name != "migrate" + BESIDE:
            yield held
            return
        yield (down := self.make.back("rollback of what it left", self.step))
        told = f"it failed half way, with {held.sentence}; the rollback put that back"
        if down.word == "good":
            held = self.make.compared(
                replace(stage, word="warning", sentence=told), wanted, self._now(), "before it, after the rollback"
            )
        yield held


def _told(stage: Stage, writer: Contender) -> str:
    if not writer.was_waited_for:
        return "it never had to wait for the writer's locks"
    if stage.word != "good":
        code = stage.ran[-1].code
        return (
            f"it gave up waiting for the writer's locks, after {writer.waited:.1f} s, and ended with exit code {code}"
        )
    if writer.given_up:
        times = counted(writer.given_up, "time")
        return f"it gave up waiting for the writer's locks {times}, tried again, and got them"
    told = f"it waited {writer.waited:.1f} s, until the writer let its locks go"
    if behind := _behind(stage.figures):
        return f"{told}, and {behind}: set a lock_timeout of a few seconds, and have it try again"
    return f"{told}; nobody waited behind it"


def _behind(figures: Figures | None) -> str:
    longest = figures.longest if figures else None
    if longest is None or longest.waited < _NOTICED:
        return ""
    who = "reads" if longest.reader_waited else "writes"
    return f"whoever {who} {longest.table} waited {longest.waited:.1f} s behind it"
