"""How a stage of a rehearsal is made: a command is run, two states are compared, or all checks of a phase are run."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import msgspec

from rollproof.commands.request import Request
from rollproof.commands.taken import take
from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.finding import Finding
from rollproof.model.phase import DEFAULT_PHASE, Phase
from rollproof.plugin.within import verified
from rollproof.rehearsal.blame.second_run import Run, SecondRun
from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.record import Stage, Word
from rollproof.rehearsal.state import State, States
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.sources.baseline import save
from rollproof.system.deadline import Deadline
from rollproof.verdict.outcome import GOOD, Report

AGAIN = "migrate again"
"""The stage that migrates for the second time."""
BACK = ("rollback", "roll back again")
"""The stages that go back to what was before the migration."""
_WORDS: dict[int, Word] = {0: "good", 1: "bad"}
UNDECIDED = 7
"""The exit code of a verification that could not decide."""


def _but_values(findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], str]:
    """Return what differs but for values in as many rows, which may be times or drawn by lot; and a sentence about these."""
    counted_otherwise = {each.subject for each in findings if each.check == "rows"}
    values = [each for each in findings if each.check == "content" and each.subject not in counted_otherwise]
    told = f"{counted(len(values), 'table')} with other values than the first time (as times and random values are)"
    return tuple(each for each in findings if each not in values), told if values else ""


@dataclass(frozen=True)
class Stages:
    """Makes the stages of one rehearsal on a `world`; `tell` hears of each as it begins.

    `keeps_session` is explained in `States`. `left_out` is what is not there to be tried, one sentence each.
    """

    world: World
    commands: Commands
    configured: Configured
    tell: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)
    keeps_session: bool = False
    left_out: list[str] = field(default_factory=list)

    @cached_property
    def states(self) -> States:
        """Takes states of the database."""
        settings, ours = self._settings(self.world.url), not self.world.server.shared
        return States(settings, keeps_session=self.keeps_session, whole_server=ours)

    @property
    def is_step_measured(self) -> bool:
        """Whether each step of a staircase is measured: only where somebody asks for what it costs, because that takes time."""
        asked = self.commands.asked
        return (asked.max_lock_seconds, asked.max_wal_bytes, asked.traffic_from) != (None, None, None)

    def _settings(self, url: str) -> Settings:
        return msgspec.structs.replace(
            self.configured.settings.without_services,
            database_url=url,
            backup_file=None,
            endpoints=(),  # a throw-away database has no application
            allow_empty=True,
            other_database=True,
        )

    def ran(self, name: str, commands: Iterable[str], revision: str = "", *, measure: bool = True) -> Stage:
        """Run commands: good if all of them end well."""
        self.tell(f"{revision} {name}".strip())
        began = time.monotonic()
        done = self.commands.run(commands, measure=measure)
        word: Word = "undecided" if done.is_undecided else "bad" if done.trouble else "good"
        stage = Stage(name, word, done.trouble or "\n".join(done.notes), began - self.began, done.seconds, revision)
        return replace(stage, ran=done.ran, sent=done.sent, figures=done.figures)

    def up(self, step: Step, *, measure: bool = True) -> Stage:
        """Run the commands that go up for the first time; where they fail, nothing is known of the way back."""
        stage = self.ran("migrate", step.up, step.revision, measure=measure)
        return replace(stage, word="undecided") if stage.word == "bad" else stage

    def back(self, name: str, step: Step, *, measure: bool = True) -> Stage:
        """Run the commands that go down; what the tool says to be irreversible is no failure."""
        stage = self.ran(name, step.down, step.revision, measure=measure)
        if stage.word == "bad" and (refused := step.refused(stage.ran[-1].said)):
            return replace(stage, word="irreversible", sentence=refused)
        return stage

    def compared(self, stage: Stage, wanted: State, now: State, than: str) -> Stage:
        """Return the stage, which is bad if the database is not as it is `wanted`; `than` says when it was so."""
        stage, findings = replace(stage, compared=stage.name in BACK), self.states.findings(wanted, now)
        if stage.name == AGAIN:
            findings, values = _but_values(findings)
            stage = replace(stage, sentence=stage.sentence or values)
        if not findings:
            return stage
        differ = f"{counted(len(findings), 'difference')} from {than}"
        return replace(stage, word="bad", sentence=differ, findings=findings)

    def traced(self, stage: Stage, kept: str, step: Step, rounds: int = 2, since: int = 0) -> Stage:
        """Return the stage, if it is bad with the origins of what was found: the migration and its rollback are run once more.

        They are run alternately, `rounds` in all, from a state that was kept; what was found is not as it was when the run number
        `since` began.
        """
        of_checks = [each for outcome in (stage.report.outcomes if stage.report else ()) for each in outcome.findings]
        findings = [each for each in (*stage.findings, *of_checks) if not each.heals]
        if stage.word != "bad" or not findings:
            return stage
        self.tell(f"{stage.revision} which statements did it".strip())
        second = SecondRun(self.world, self.commands.folder, self.commands.asked, self.states.settings)
        both = (Run("migration", step.up, step.file), Run("rollback", step.down, step.file))
        try:
            return replace(stage, origins=second.origins(kept, (both * rounds)[:rounds], findings, since))
        except Inconclusive:
            return stage  # what is bad stays bad, also where nobody can say which statement did it

    def checked(self, phase: Phase, reference: str, revision: str = "") -> Stage:
        """Run all checks of a phase against the baseline in a file, or another database.

        What they find before the rollback is a warning: it need not be the rollback's fault, and with `--strict` it counts.
        """
        self.tell(f"{revision} {phase.name}".strip())
        began = time.monotonic()
        stage = Stage(phase.name, "undecided", "", began - self.began, revision=revision)
        settings = msgspec.structs.replace(self._settings(self.world.url), reference=reference)
        asked = Configured(settings, self.configured.file)
        try:
            report = verified(Request(asked, phase, {}, Deadline(settings.max_duration), block=True))
        except (Inconclusive, Misuse) as error:
            stage = replace(stage, sentence=str(error), seconds=time.monotonic() - began)
        else:
            word, sentence = _judged(phase, report)
            stage = replace(stage, word=word, sentence=sentence, seconds=time.monotonic() - began, report=report)
        decides = phase == DEFAULT_PHASE or stage.word == "good" or settings.strict
        return replace(stage, compared=phase == DEFAULT_PHASE, word=stage.word if decides else "warning")

    def take_baseline(self, file: Path) -> None:
        """Take the baseline that the phases are held against, unless a phase has written it."""
        if not file.exists():
            save(take(self._settings(self.world.url), {}).snapshot, file)


def _judged(phase: Phase, report: Report) -> tuple[Word, str]:
    """Return the word for a phase, and what it came to.

    Before production is rolled back, somebody must know the migration's copies and its log. A throw-away database needs neither:
    what nobody configured leaves no phase undecided but the one that decides.
    """
    idle = ", ".join(each.feature for each in report.not_configured)
    answered = all(each.kind in (*GOOD, "not checked") for each in report.outcomes)
    if report.exit_code == UNDECIDED and phase != DEFAULT_PHASE and idle and answered and not report.trouble:
        return "good", f"nothing was found wrong; not configured: {idle}"
    return _WORDS.get(report.exit_code, "undecided"), f"{report.verdict}: {report.sentence}"
