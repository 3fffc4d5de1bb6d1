"""`rollproof selftest`: what would this configuration miss in this database?"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import click

from rollproof.commands.command_options import Command, configured, interruptible, settings_options, tell
from rollproof.commands.metrics_file import put_metrics, require_metrics
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.redaction import secrets_in
from rollproof.rehearsal.selftest.asked import SAMPLE, Asked
from rollproof.rehearsal.selftest.reports.listing import listing
from rollproof.rehearsal.selftest.reports.metrics import never_made, samples
from rollproof.rehearsal.selftest.reports.publish import published
from rollproof.rehearsal.selftest.reports.told import ToldSelfTest
from rollproof.rehearsal.selftest.run import listed, self_tested
from rollproof.report.folder import Runs
from rollproof.report.metric_text import Sample
from rollproof.report.metrics import Beside
from rollproof.server.connection import Target
from rollproof.settings.configuration import Configured, secrets_of
from rollproof.system.bundle import Verdict


def _rows(ctx: click.Context, param: click.Parameter, value: str | None) -> int:  # noqa: ARG001 (click's signature)
    if value is None:
        return SAMPLE
    if not value.isdecimal() or not int(value):
        raise Misuse(f"--sample takes ROWS, a whole number, more than 0; {value!r} is none")
    return int(value)


def _time(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:  # noqa: ARG001 (the same)
    if value is None:
        return None
    with suppress(ValueError):
        if 0 < float(value) < inf:
            return float(value)
    raise Misuse(f"--seconds takes SECONDS, a number, more than 0; {value!r} is none")


@settings_options("selftest")
@click.command(cls=Command, example="rollproof selftest --database-url postgresql://verifier@db.example/shop")
@click.option(
    "--source", metavar="WHERE", help="what is copied: a database's URL, a dump, an SQL file [default: the database]"
)
@click.option("--sample", metavar="ROWS", callback=_rows, help=f"rows of each table [default: {SAMPLE}]")
@click.option(
    "--seconds", metavar="SECONDS", callback=_time, help="try no further fault after so long [default: all are tried]"
)
@click.option(
    "--only",
    metavar="PATTERN",
    multiple=True,
    help="try the faults of this kind, facet, name or object, with * and ?; may be repeated",
)
@click.option("--list", "lists", is_flag=True, help="print the faults with their statements, and plant none")
@interruptible
def selftest(rollproof_config: str | None, *, lists: bool, **typed: Any) -> None:
    """Plant faults in a throw-away copy of the database: which would this configuration miss?"""
    own = {name: typed.pop(name) for name in ("source", "sample", "seconds", "only")}
    known = configured(rollproof_config, typed)
    asked = Asked(**{**own, "source": own["source"] or known.settings.database_url or ""})
    if not all(map(str.strip, asked.only)):
        raise Misuse(
            "--only takes a PATTERN: a kind of object, a facet, the name of a fault or of an object, with * and ?"
        )
    if lists:
        if asked.seconds or known.settings.resume:
            raise Misuse("--list tries no fault; leave out --seconds and --resume")
        click.echo("\n".join(listing(listed(known, asked, tell))))
    elif code := _tested(known, asked):
        raise Verdict(code)


def _tested(known: Configured, asked: Asked) -> int:
    settings = known.settings
    require_metrics(settings.metrics_file)
    if problem := Runs(Path(settings.report_dir), 0).obstacle():
        tell(f"WARNING: no report will be written to {settings.report_dir}: {problem}")
    hide = secrets_of(settings, os.environ).and_of(secrets_in([asked.source], os.environ)).hide_credentials
    measured = _Measured(settings.metrics_file, str(Target.parse(settings.database_url or "")))
    with measured.unless_made():
        done = self_tested(known, asked, tell)
    return published(done, Path(settings.report_dir), hide, measured.ended)


@dataclass(frozen=True)
class _Measured:
    """--metrics-file: what a self-test of a `database` came to."""

    file: str | None
    database: str

    def ended(self, told: ToldSelfTest, say: Callable[[str], object]) -> None:
        self._put(samples(told, Beside(time.time())), say)

    @contextmanager
    def unless_made(self) -> Iterator[None]:
        """Write what is known of a self-test that could not begin, or was given up."""
        try:
            yield
        except (Misuse, Inconclusive) as error:
            kind = "misuse" if isinstance(error, Misuse) else "inconclusive"
            self._put(never_made(kind, Beside(time.time())), tell)
            raise

    def _put(self, made: Iterable[Sample], say: Callable[[str], object]) -> None:
        if self.file:
            common = {"command": "selftest", "phase": "selftest", "database": self.database}
            put_metrics(self.file, made, common, say)
