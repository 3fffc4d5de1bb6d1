"""`rollproof watch`: what is cheap to ask after a rollback, asked until something is red or the time is over."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
import msgspec

from rollproof.commands.command_options import Command, configured, settings_options, tell
from rollproof.commands.incidents import happened
from rollproof.commands.metrics_file import last_good_drills, put_metrics, require_metrics
from rollproof.commands.prepare import Plan, planned
from rollproof.commands.request import Request
from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.model.event import Event
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.plugin.rounds import Look, look
from rollproof.report.folder import Runs
from rollproof.report.formats import asked as formats
from rollproof.report.metrics import Beside
from rollproof.report.round_metrics import samples
from rollproof.report.rounds import alarms, line, summary, warnings
from rollproof.settings.configuration import Configured, secrets_of
from rollproof.settings.watch import Watch
from rollproof.system.bundle import Verdict
from rollproof.system.extras import require
from rollproof.system.signals import SIGNALS, Terminated
from rollproof.verdict.rounds import STEADY, Round, Watched, red, watched

FOLDER = "watch"
"""Where in the report folder the report of the last round is: that of the verification stays the newest of its own."""


@settings_options("watch")
@click.command(
    cls=Command,
    example="rollproof watch --database-url postgresql://verifier@db.example/shop --for 30m --every 30s",
)
@click.option(
    "--for", "lasts", metavar="TIME", help="how long to watch: 90s, 30m, 2h [default: 30m; lasts under [watch]]"
)
@click.option("--every", metavar="TIME", help="from one round to the next [default: 30s; every under [watch]]")
def watch(rollproof_config: str | None, *, lasts: str | None, every: str | None, **typed: Any) -> None:
    """Ask again and again what is cheap to ask, after a rollback, and end at the first red."""
    known = configured(rollproof_config, typed)
    settings = known.settings
    require_metrics(settings.metrics_file)
    formats(settings.report)
    if settings.services:
        require("services", "[[services]]")
    limits = _limits(settings.watch, {"lasts": lasts, "every": every})
    secrets = secrets_of(settings, os.environ)
    with ExitStack() as keep:
        with SIGNALS.interrupting():
            plan = planned(Request(known, DEFAULT_PHASE, os.environ, hide=secrets.hide_credentials), keep)
            plan.require_endpoints()
        code = _Watch(known, plan, limits).over()
    if code:
        raise Verdict(code)


def _limits(configured: Watch, typed: dict[str, str | None]) -> Watch:
    """Return the section with what was typed. Raises `Misuse`."""
    given = {name: text for name, text in typed.items() if text is not None}
    try:
        return msgspec.structs.replace(configured, **given)
    except ValueError as error:
        raise Misuse(str(error).replace("`lasts`", "--for").replace("`every`", "--every")) from None


@dataclass
class _Watch:
    """The rounds, as far as they have come; `latest` is what no line tells of the last one."""

    known: Configured
    plan: Plan
    limits: Watch
    rounds: list[Round] = field(default_factory=list)
    latest: Look | None = None
    last_good: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def over(self) -> int:
        """Watch until something is red or the time is over; print, keep and return what it came to, as an exit code."""
        number = 0
        reds: tuple[str, ...] = ()
        click.echo("\n".join(self._head()))
        try:
            with SIGNALS.interrupting():
                reds = self._until_red()
        except Terminated as error:
            number = error.number
        return self._told(watched(self.rounds, reds, self.limits, number=number))

    def _head(self) -> Iterator[str]:
        settings, every = self.plan.settings, self.limits.every
        more = {"endpoint": len(settings.endpoints), "service": len(settings.services)}
        asked = ["definitions", "figures of the database", *(counted(n, what) for what, n in more.items() if n)]
        left = [
            "rows (rollproof verify reads them)",
            *(f"{what}s (no [[{what}s]] in rollproof.toml)" for what, n in more.items() if not n),
        ]
        between = f"{self.plan.subject} against {self.plan.reference}"
        yield f"watching {between}, every {every} for {self.limits.lasts}: {', '.join(asked)}"
        yield f"not asked: {', '.join(left)}"

    def _until_red(self) -> tuple[str, ...]:
        following = self.began
        while True:
            self.latest = look(self.plan, len(self.rounds) + 1, self.latest)
            self.rounds.append(self.latest.round)
            reds = red(self.rounds, self.limits)
            told = [line(self.latest.round), *alarms(reds), *warnings(self.rounds, self.limits)]
            click.echo("\n".join(map(self.plan.request.hide, told)))
            self._measured(watched(self.rounds, reds, self.limits))
            following += self.limits.every_seconds
            if reds or following >= self.began + self.limits.seconds:
                return reds
            following = self._waited(following)

    def _waited(self, following: float) -> float:
        """Wait for the next round, and return when it began; one that is late does not make the others late."""
        if (late := time.monotonic() - following) > 0:
            click.echo(f"  the next round begins {late:.1f} s late: this one took longer than {self.limits.every}")
            return time.monotonic()
        time.sleep(-late)
        return following

    def _measured(self, came: Watched) -> None:
        if file := self.known.settings.metrics_file:
            now = time.time()
            self.last_good = now if came.word == STEADY else self.last_good
            headroom = dict(self.latest.headroom) if self.latest else {}
            beside = Beside(now, self.last_good, last_good_drills(self.known), headroom)
            common = {"command": "watch", "phase": DEFAULT_PHASE.name, "database": self.plan.subject}
            put_metrics(file, samples(self.rounds, came, beside), common, tell)

    def _told(self, came: Watched) -> int:
        hide = self.plan.request.hide
        said = [*summary(self.rounds)]
        self._measured(came)
        click.echo("\n".join(map(hide, ["", *said, f"{came.word}: {came.sentence}", f"exit code {came.exit_code}"])))
        for text in self._published(came, said):
            click.echo(text)
        settings, folder = self.known.settings, Path(self.known.settings.report_dir)
        facts = {"database": self.plan.subject, "reference": self.plan.reference}
        facts |= {what: figure for what, _, figure in (each.partition(": ") for each in said)}
        took = time.monotonic() - self.began
        event = Event("watch", "watch", came.word, came.exit_code, took, hide(came.sentence), facts)
        happened(event, folder, settings, tell)
        return came.exit_code

    def _published(self, came: Watched, said: list[str]) -> Iterator[str]:
        """Write the report of the last round, and yield where it is."""
        if not (self.latest and self.latest.report):
            return
        settings = self.known.settings
        report = replace(
            self.latest.report,
            verdict=came.word,
            exit_code=came.exit_code,
            sentence=self.plan.request.hide(came.sentence),
            notes=(*said, *self.latest.report.notes),
        )
        runs = Runs(Path(settings.report_dir) / FOLDER, settings.keep_runs)
        try:
            files = {name: _bytes(render(report)) for name, render in formats(f"{settings.report},json").items()}
            written = [*runs.publish(came.word, files)]
        finally:
            runs.leave()
        yield from (f"NOT written: {each.path}: {each.problem}" for each in written if each.problem)
        if not any(each.problem for each in written):
            yield f"report of the last round: {runs.path}"


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")
