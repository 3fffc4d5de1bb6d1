"""`rollproof capture --targets`: a baseline of each of many databases."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from rollproof.commands.command_options import Command, at_home, files, folders, tell
from rollproof.commands.incidents import entered
from rollproof.commands.verification import key_of
from rollproof.fleet.command_line import Asked, fleet_options
from rollproof.fleet.course import carry_out
from rollproof.fleet.executors import Workers
from rollproof.fleet.job import Answer, Job, encoded
from rollproof.fleet.journal import Journal
from rollproof.fleet.progress import Progress
from rollproof.fleet.references import digest_of
from rollproof.fleet.schedule import Schedule
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.travel import settings_of
from rollproof.fleet.work import failed
from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.probes.recorded import aside
from rollproof.probes.recorded import keep as keep_aside
from rollproof.settings.options import Settings
from rollproof.sources.baseline import MOST, seal_of, signed
from rollproof.sources.signature import Key, read_key
from rollproof.system.files import contents, replace_file
from rollproof.system.signals import SIGNALS
from rollproof.verdict.fleet.target_groups import badness
from rollproof.verdict.fleet.target_outcome import TargetOutcome

_BASELINE = "baseline.json"


@fleet_options("capture")
@click.command(cls=Command, example="rollproof capture --targets tenants.txt --output baselines/")
@click.option(
    "--output",
    metavar="DIR",
    shell_complete=folders,
    callback=at_home,
    help="the folder of the baselines, NAME.json for each target [default: what --reference would be]",
)
@click.option(
    "--sign", metavar="KEYFILE", shell_complete=files, callback=at_home, help="sign each baseline with this key"
)
@click.option(
    "--partial", is_flag=True, help="write a baseline even if some facts could not be read; they stay unknown"
)
@click.option(
    "--resume", "again", is_flag=True, help="do not take again what an interrupted run has written to the folder"
)
@click.pass_context
def capture(ctx: click.Context, /, rollproof_config: str | None, *, output: str | None, **typed: Any) -> None:
    """Take a baseline of each of many databases, read-only."""
    sign, partial, again = (typed.pop(name) for name in ("sign", "partial", "again"))
    with SIGNALS.interrupting():
        asked = Asked.of(rollproof_config, typed)
        settings = asked.configured.settings
        key = read_key(sign, "--sign") if sign else key_of(settings)
        folder = _folder(output, settings)
        wanted = asked.targets(lambda _: iter(()))
        captures = _Captures(asked, folder, key, wanted, asked.workers(wanted), Journal(folder, key), partial=partial)
    with entered(f"capture of {counted(len(wanted), 'target')}", settings, tell) as course:
        captures.take(again=again)
        for line in captures.lines():
            click.echo(line)
        course.exit_code, course.verdict = captures.code, captures.word
    if captures.code:
        ctx.exit(captures.code)


def _folder(output: str | None, settings: Settings) -> Path:
    named = output or settings.reference
    if not named:
        raise Misuse("where to? pass --output DIR, the folder of the baselines")
    if (path := Path(named)).is_file():
        raise Misuse(f"{path} is a file, and the baselines of many databases go into a folder: name it by --output DIR")
    return path


@dataclass
class _Captures:
    """Baselines of many targets, as far as they are taken."""

    asked: Asked
    folder: Path
    key: Key | None
    wanted: tuple[FleetTarget, ...]
    workers: Workers
    journal: Journal
    partial: bool
    outcomes: dict[str, TargetOutcome] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        return self.asked.configured.settings

    def take(self, *, again: bool) -> None:
        """Take the baselines of all that have none by an earlier run, if that is to go on."""
        known = self.journal.open(resume=again)
        for target in self.wanted:
            line = known.get(target.name)
            if line and line.digest == self._digest(target) and self._is_there(target, line.outcome):
                self.outcomes[target.name] = replace(line.outcome, earlier=True)
        left = [each for each in self.wanted if each.name not in self.outcomes]
        progress = Progress(len(left), tell)

        def ended(target: FleetTarget, answer: Answer) -> None:
            self.outcomes[target.name] = outcome = self._kept(target, answer)
            self.journal.keep(self._digest(target), outcome)
            progress.ended(outcome)

        try:
            carry_out(Schedule(self.workers, self.asked.limits, self._content, ended, progress.look), left)
        finally:
            progress.over()
            self.journal.close()

    def _digest(self, target: FleetTarget) -> str:
        return digest_of(target, self.settings, f"capture {self.partial} {bool(self.key)}", "")

    def _is_there(self, target: FleetTarget, outcome: TargetOutcome) -> bool:
        try:
            path = self._path(target)
            return seal_of(contents(path, MOST), path, self.key).sha256 == outcome.baseline
        except (OSError, Misuse):
            return False

    def _path(self, target: FleetTarget) -> Path:
        return self.folder / f"{target.name}.json"

    def _content(self, target: FleetTarget) -> bytes:
        aside(self._path(target))  # what is there and no baseline is refused before anybody waits
        settings = settings_of(target, self.settings)
        return encoded(
            Job(
                name=target.name,
                server=target.server,
                action="capture",
                settings=settings,
                schema=target.schema,
                partial=self.partial,
            )
        )

    def _kept(self, target: FleetTarget, answer: Answer) -> TargetOutcome:
        """Write a baseline that was taken, and return what came of it."""
        content, path = answer.files.get(_BASELINE), self._path(target)
        if content is None:
            return answer.outcome
        try:
            if kept := aside(path):
                keep_aside(path, kept, lambda _: None)
            replace_file(path, signed(content, path, self.key)[0] if self.key else content)
        except (OSError, Misuse) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            return failed(target.name, target.server, "misuse", f"the baseline cannot be written to {path}: {why}")
        return answer.outcome

    @property
    def worst(self) -> TargetOutcome | None:
        """The target that went worst, None if all are well."""
        bad = [each for each in self.outcomes.values() if each.exit_code]
        return min(bad, key=lambda each: badness(each.exit_code), default=None)

    @property
    def code(self) -> int:
        """The exit code: that of a signal, else the worst of all."""
        return SIGNALS.code or (self.worst.exit_code if self.worst else 0)

    @property
    def word(self) -> str:
        """One word for all."""
        return "INTERRUPTED" if SIGNALS.number else self.worst.verdict if self.worst else "CAPTURED"

    def lines(self) -> Iterator[str]:
        """Yield what is said at the end: how many were taken, and what became of the others."""
        words = Counter(each.verdict for each in self.outcomes.values() if each.exit_code)
        taken = sum(not each.exit_code for each in self.outcomes.values())
        signed_ = ", signed" if self.key and taken else ""
        yield f"{self.folder}: {taken:,} of {counted(len(self.wanted), 'baseline')}{signed_}"
        if earlier := sorted(each.ended for each in self.outcomes.values() if each.earlier):
            yield f"{counted(len(earlier), 'baseline')} by an earlier run, the oldest of {earlier[0]}"
        yield from (f"{counted(number, 'target')} {word}: not taken" for word, number in words.items())
        if missing := len(self.wanted) - len(self.outcomes):
            yield f"{counted(missing, 'target')} not come to: --resume goes on where this ended"
