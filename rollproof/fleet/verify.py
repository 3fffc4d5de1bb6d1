"""`rollproof verify --targets`: many databases, each against its own baseline."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from rollproof import __version__
from rollproof.commands.command_options import Command, tell
from rollproof.commands.incidents import happened
from rollproof.commands.metrics_file import require_metrics
from rollproof.commands.verification import key_of
from rollproof.fleet.command_line import Asked, fleet_options
from rollproof.fleet.course import carry_out
from rollproof.fleet.executors import Workers
from rollproof.fleet.job import Answer, Job, encoded
from rollproof.fleet.journal import Journal
from rollproof.fleet.progress import Progress
from rollproof.fleet.references import References, digest_of
from rollproof.fleet.results import Results
from rollproof.fleet.schedule import Schedule
from rollproof.fleet.schema_targets import Divided, answers_of, in_chunks, itself, singles
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.told import tell as told
from rollproof.fleet.travel import settings_of
from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.model.event import Event
from rollproof.model.phase import DEFAULT_PHASE, PHASES
from rollproof.model.timestamps import shown
from rollproof.settings.configuration import secrets_of
from rollproof.settings.options import Settings
from rollproof.sources.baseline import Seal
from rollproof.system.bundle import Verdict
from rollproof.system.signals import SIGNALS
from rollproof.verdict.fleet.fleet_report import FleetReport


@fleet_options("verify")
@click.command(cls=Command, example="rollproof verify --targets tenants.txt --reference baselines/")
@click.argument("phase", type=click.Choice([*PHASES]), default=DEFAULT_PHASE.name)
@click.option("-k", "selected", metavar="EXPR", default="", help="only the checks that pytest's -k would select")
def verify(rollproof_config: str | None, *, phase: str, selected: str, **typed: Any) -> None:
    """Verify many databases in a PHASE, each against its own baseline."""
    with SIGNALS.interrupting():
        fleet = _prepared(Asked.of(rollproof_config, typed), phase, selected)
    report = fleet.verified()
    told(report, fleet.settings, fleet.problems, secrets_of(fleet.settings, os.environ).hide_credentials)
    if report.exit_code:
        raise Verdict(report.exit_code)


@dataclass
class _Fleet:
    """A verification of many targets, as far as it has come: `wanted` are all, `left` those that no earlier run decided."""

    asked: Asked
    phase: str
    selected: str
    wanted: tuple[FleetTarget, ...]
    references: References
    workers: Workers
    journal: Journal
    results: Results
    left: list[FleetTarget] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    divided: Divided | None = None
    began: float = field(default_factory=time.monotonic)
    started: datetime = field(default_factory=lambda: datetime.now(tz=UTC))

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        return self.asked.configured.settings

    def begin(self) -> None:
        """Take the folder, and what earlier runs decided there if this one resumes them. Raises as `Journal.open` does."""
        known = self.journal.open(resume=self.settings.resume)
        for target in self.wanted:
            line = known.get(target.name)
            if line and self._digest(target) == line.digest and self.results.has(line.outcome):
                self.results.remember(replace(line.outcome, earlier=True))
            else:
                self.left.append(target)
        if earlier := sorted(each.ended for each in self.results.outcomes.values()):
            self.notes.append(f"{counted(len(earlier), 'target')} by an earlier run, the oldest of {earlier[0]}")

    def _digest(self, target: FleetTarget) -> str:
        try:
            seal = self.divided.seal if self.divided else self.references.content(target)[1]
        except Misuse:
            return ""
        return digest_of(target, self.settings, f"{self.phase} {self.selected}", seal.sha256)

    def content(self, target: FleetTarget) -> bytes:
        """Return the job of a target. Raises `Misuse` if its baseline is no good."""
        content, seal = self._baseline(target)
        asked = f"{self.phase} {self.selected}"
        for single in singles(target):
            self.digests[single.name] = digest_of(single, self.settings, asked, seal.sha256)
        return encoded(
            Job(
                name=target.name,
                server=target.server,
                action="verify",
                settings=settings_of(target, self.settings),
                schema=target.schema,
                schemas=target.schemas,
                but=target.but,
                sha256=seal.sha256,
                phase=self.phase,
                baseline=content,
                reference=str(self.references.path_of(target)),
                signed=seal.signed,
                selected=self.selected,
                formats=self.settings.report,
            )
        )

    def _baseline(self, target: FleetTarget) -> tuple[bytes, Seal]:
        if self.divided and (target.schemas or target.but is not None):
            return self.divided.content(target), self.divided.seal
        return self.references.content(target)

    def verified(self) -> FleetReport:
        """Verify what is left, write the reports of all, and return what they say."""
        progress = Progress(len(self.left), tell)

        def ended(target: FleetTarget, answer: Answer) -> None:
            for single, own in answers_of(target, answer):
                outcome = self.results.keep(own, single)
                self.journal.keep(self.digests.pop(single.name, ""), outcome)
                progress.ended(outcome)

        jobs = self.left
        if self.divided:
            jobs = [*in_chunks(self.left, self.workers.at_once, self.settings.max_duration)]
            self.divided.expect(jobs)
        try:
            carry_out(Schedule(self.workers, self.asked.limits, self.content, ended, progress.look), jobs)
        finally:
            progress.over()
        return self._published()

    def _published(self) -> FleetReport:
        known = self.results.outcomes
        report = FleetReport(
            tuple(known[each.name] for each in self.wanted if each.name in known),
            tuple(each.name for each in self.wanted if each.name not in known),
            self.phase,
            self.asked.title,
            self.workers.name,
            shown(self.started),
            time.monotonic() - self.began,
            __version__,
            interrupted=SIGNALS.number,
            notes=tuple(self.notes),
        )
        with SIGNALS.waiting():
            self.problems = self.results.publish(report)
            self.problems += (self.journal.problem,) if self.journal.problem else ()
            self.journal.close()
            happened(_event(report), self.results.path, self.settings, tell)
        return report


def _event(report: FleetReport) -> Event:
    facts = {"targets": f"{len(report.outcomes) + len(report.missing):,} of {report.targets}"}
    what = f"{report.phase} of {counted(len(report.outcomes), 'target')}"
    return Event("phase", what, report.verdict, report.exit_code, round(report.seconds, 3), facts=facts)


def _prepared(asked: Asked, phase: str, selected: str) -> _Fleet:
    """Return the fleet, with its folder taken, and nothing begun; where it raises, nothing is written."""
    settings = asked.configured.settings
    if PHASES[phase].writes_baseline:
        raise Misuse(f"{phase} of many databases: take their baselines by rollproof capture --targets … --output DIR")
    require_metrics(settings.metrics_file)
    references = References.of(settings, key_of(settings))
    wanted = asked.targets(references.schemas_like)
    references.require(wanted, settings)
    divided = None
    if asked.pattern and references.is_one:
        wanted = (itself(wanted), *wanted)
        divided = Divided(references, settings, wanted)
    folder = Path(settings.report_dir)
    journal, results = Journal(folder, references.key), Results(folder, settings.report, settings.keep_runs)
    workers = asked.workers(wanted)
    fleet = _Fleet(asked, phase, selected, wanted, references, workers, journal, results, divided=divided)
    try:
        fleet.begin()
    except BaseException:
        workers.close()
        raise
    fleet.notes += _notes(asked, references, wanted)
    return fleet


def _notes(asked: Asked, references: References, wanted: tuple[FleetTarget, ...]) -> Iterator[str]:
    """Yield what is left out when there are many databases."""
    if strays := references.strays(wanted):
        named = ", ".join(strays[:_NAMED]) + (" …" if len(strays) > _NAMED else "")
        yield f"{counted(len(strays), 'baseline')} in {references.path} of no target in the list: {named}"
    if asked.pattern and not references.is_one:
        yield (
            f"schemas that are not like {asked.pattern} were not compared: one baseline of the whole database as --reference "
            "does that"
        )
    unasked = ("endpoints", "services", "commands", "checks")
    if left := [
        f"[[{name}]]" if name != "checks" else "checks of your own"
        for name in unasked
        if getattr(asked.configured.settings, name)
    ]:
        yield f"of many databases not asked: {', '.join(left)}"


_NAMED = 5
