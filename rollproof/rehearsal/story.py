"""The story of one rehearsal: capture, migrate, roll back, verify, and all of it once more."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from rollproof.commands.request import Request
from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.finding import Finding
from rollproof.model.phase import PHASES
from rollproof.plugin.within import verified
from rollproof.rehearsal.command import Commands, Done
from rollproof.rehearsal.record import Stage, Word
from rollproof.rehearsal.state import State, States
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.system.deadline import Deadline

_WORDS: dict[int, Word] = {0: "good", 1: "bad"}


@dataclass
class Story:
    """A migration (`step`) and its rollback on a `world` that is as it is before the migration.

    `baseline` is the file that the phases are held against. `tell` hears of each stage as it begins.
    """

    world: World
    step: Step
    commands: Commands
    configured: Configured
    baseline: Path
    tell: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)

    @property
    def states(self) -> States:
        """Takes states of the database."""
        return States(replace(self.configured.settings, allow_empty=True))

    def stages(self) -> Iterator[Stage]:
        """Tell it, stage by stage; it ends after a stage that no other can follow."""
        before = self.states.taken(self.world.url)
        yield self._checked("pre_migration")
        migrated = self._ran("migrate", self.step.up)
        yield migrated
        if migrated.word != "good":
            return
        after = self.states.taken(self.world.url)
        yield self._checked("post_migration")
        yield self._checked("pre_rollback")
        yield (back := self._ran("rollback", self.step.down))
        if back.word != "good":
            yield self._unharmed("after the failed rollback", after)
            return
        yield self._checked("post_rollback")
        yield from self._once_more(before, after)

    def _once_more(self, before: State, after: State) -> Iterator[Stage]:
        """Migrate and roll back again: a second round finds what the first one left."""
        for name, commands, wanted in (
            ("migrate again", self.step.up, after),
            ("roll back again", self.step.down, before),
        ):
            yield (ran := self._ran(name, commands, wanted))
            if ran.word != "good":
                return

    def _ran(self, name: str, commands: tuple[str, ...], wanted: State | None = None) -> Stage:
        self.tell(name)
        began = time.monotonic()
        done = self.commands.run(commands)
        word, sentence, findings = self._judged(done, wanted)
        return Stage(
            name,
            word,
            sentence,
            began - self.began,
            time.monotonic() - began,
            ran=done.ran,
            sent=done.sent,
            figures=done.figures,
            findings=findings,
        )

    def _judged(self, done: Done, wanted: State | None) -> tuple[Word, str, tuple[Finding, ...]]:
        if done.trouble:
            return "bad", done.trouble, ()
        if wanted is None:
            return "good", "", ()
        findings = self.states.findings(wanted, self.states.taken(self.world.url))
        return (
            ("bad", f"{counted(len(findings), 'difference')} to the first time", findings)
            if findings
            else ("good", "", ())
        )

    def _unharmed(self, name: str, wanted: State) -> Stage:
        """A rollback that refuses or fails must leave the database as it was."""
        findings = self.states.findings(wanted, self.states.taken(self.world.url))
        left = "it left the database as it was" if not findings else "it left the database half rolled back"
        return Stage(name, "bad" if findings else "good", left, time.monotonic() - self.began, findings=findings)

    def _checked(self, phase: str) -> Stage:
        self.tell(phase)
        began = time.monotonic()
        settings = replace(
            self.configured.settings,
            database_url=self.world.url,
            reference=str(self.baseline),
            backup_file=None,
            allow_empty=True,
            other_database=True,
        )
        asked = Configured(settings, self.configured.file)
        request = Request(asked, PHASES[phase], {}, Deadline(settings.max_duration), block=True)
        try:
            report = verified(request)
        except (Inconclusive, Misuse) as error:
            return Stage(phase, "undecided", str(error), began - self.began, time.monotonic() - began)
        word = _WORDS.get(report.exit_code, "undecided")
        return Stage(
            phase,
            word,
            f"{report.verdict}: {report.sentence}",
            began - self.began,
            time.monotonic() - began,
            report=report,
            compared=phase == "post_rollback",
        )
