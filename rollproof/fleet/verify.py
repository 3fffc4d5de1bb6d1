"""`rollproof verify --targets`: many databases, each against its own baseline."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from rollproof import __version__
from rollproof.commands.command_options import Command, configured, settings_options
from rollproof.fleet.command_line import fleet_options, settings_of
from rollproof.fleet.executors import Workers, workers
from rollproof.fleet.job import Answer, Job, encoded
from rollproof.fleet.results import Results
from rollproof.fleet.schedule import run
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.target_list import targets as listed
from rollproof.model.phase import DEFAULT_PHASE, PHASES
from rollproof.model.timestamps import shown
from rollproof.report.fleet.terminal import lines
from rollproof.settings.options import Settings
from rollproof.system.bundle import Verdict
from rollproof.system.signals import SIGNALS
from rollproof.verdict.fleet.fleet_report import FleetReport


@settings_options("verify")
@fleet_options
@click.command(cls=Command, example="rollproof verify --targets tenants.txt --reference baselines/")
@click.argument("phase", type=click.Choice([*PHASES]), default=DEFAULT_PHASE.name)
def verify(
    rollproof_config: str | None, *, phase: str, targets: str, executor: str, per_server: int, **typed: Any
) -> None:
    """Verify many databases in a PHASE, each against its own baseline."""
    settings = configured(rollproof_config, typed, asks_subject=False).settings
    fleet = _Fleet(settings, phase, listed(targets), targets, workers(executor))
    with SIGNALS.interrupting():
        run(fleet.wanted, fleet.content, fleet.who, per_server, fleet.ended)
    report = fleet.published()
    for line in lines(report):
        click.echo(line.text)
    if report.exit_code:
        raise Verdict(report.exit_code)


@dataclass
class _Fleet:
    """A verification of many targets, as far as it has come."""

    settings: Settings
    phase: str
    wanted: tuple[FleetTarget, ...]
    asked: str
    who: Workers
    began: float = field(default_factory=time.monotonic)
    started: datetime = field(default_factory=lambda: datetime.now(tz=UTC))

    def __post_init__(self) -> None:
        self.results = Results(Path(self.settings.report_dir), self.settings.report, self.settings.keep_runs)

    def content(self, target: FleetTarget) -> bytes:
        """Return the job of a target."""
        path = Path(self.settings.reference or "") / f"{target.name}.json"
        return encoded(
            Job(
                target.name,
                target.server,
                "verify",
                settings_of(target, self.settings),
                target.schema,
                self.phase,
                path.read_bytes(),
                str(path),
                formats=self.settings.report,
            )
        )

    def ended(self, target: FleetTarget, answer: Answer) -> None:
        """Keep what came of a target, and say so."""
        outcome = self.results.keep(answer, target)
        click.echo(f"{target.name}: {outcome.verdict}: {outcome.headline or outcome.sentence}")

    def published(self) -> FleetReport:
        """Write the reports of all, and return what they say."""
        known = self.results.outcomes
        report = FleetReport(
            tuple(known[each.name] for each in self.wanted if each.name in known),
            tuple(each.name for each in self.wanted if each.name not in known),
            self.phase,
            self.asked,
            self.who.name,
            shown(self.started),
            time.monotonic() - self.began,
            __version__,
            SIGNALS.number,
        )
        self.results.publish(report)
        return report
