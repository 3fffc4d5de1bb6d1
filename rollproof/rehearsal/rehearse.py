"""`rollproof rehearse`: a migration and its rollback tried on a throw-away database."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from rollproof.commands.command_options import Command, at_home, configured, interruptible, settings_options, tell
from rollproof.commands.drill_records import key, project, records
from rollproof.commands.incidents import entered
from rollproof.commands.metrics_file import last_good_drills, put_metrics, require_metrics
from rollproof.commands.runbook_files import rewrite
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.redaction import secrets_in
from rollproof.rehearsal.drills import Wanted, age, judged, lines
from rollproof.rehearsal.matrix import rehearsals
from rollproof.rehearsal.options import OPTIONS, asked, options
from rollproof.rehearsal.reports.metrics import never_made, samples
from rollproof.rehearsal.reports.publish import Publisher
from rollproof.rehearsal.reports.told import Told
from rollproof.report.folder import Runs
from rollproof.report.metric_text import Sample
from rollproof.report.metrics import Beside
from rollproof.settings.configuration import Configured, secrets_of
from rollproof.settings.rehearsal import Rehearsal
from rollproof.sources.signature import Key
from rollproof.system.bundle import Verdict
from rollproof.throwaway.source.where import Source


@options
@settings_options("rehearse")
@click.command(
    cls=Command,
    example='rollproof rehearse --source shop.dump --migrate "alembic upgrade head" --rollback "alembic downgrade -1"',
)
@click.option(
    "--max-age",
    metavar="[AGE]",
    is_flag=False,
    flag_value="",
    help="rehearse nothing: fail if the last good drill is older (30d, 12h, 4w) [default: max_age under [drill]]",
)
@click.option(
    "--sign", metavar="KEYFILE", callback=at_home, help="sign the record of this drill, or ask for signed ones"
)
@interruptible
def rehearse(rollproof_config: str | None, *, max_age: str | None, sign: str | None, **typed: Any) -> None:
    """Try a migration and its rollback on a throw-away database: is it as it was?"""
    own = {name: typed.pop(name) for name in (known.field for known in OPTIONS)}
    known = configured(rollproof_config, typed, asks_subject=False)
    signing = key(known, sign)
    if max_age is not None:
        code = _looked_back(max_age, known, signing, [name for name, value in own.items() if value])
    else:
        code = _rehearsed(asked(own, known.settings.rehearsal), known, signing)
    if code:
        raise Verdict(code)


def _rehearsed(wanted: Rehearsal, known: Configured, signing: Key | None) -> int:
    settings = known.settings
    require_metrics(settings.metrics_file)
    if limits := [each for each in (settings.drill.rto_seconds, wanted.max_rollback_seconds) if each is not None]:
        wanted = replace(wanted, max_rollback_seconds=min(limits))
    if problem := Runs(Path(settings.report_dir), settings.keep_runs).obstacle():
        tell(f"WARNING: no report will be written to {settings.report_dir}: {problem}")
    urls = filter(None, [wanted.source, wanted.traffic_from])
    secrets = secrets_of(settings, os.environ).and_of(secrets_in(urls, os.environ))
    kind = Source.parse(wanted.source).kind
    measured = _Measured(known, secrets.hide_credentials(str(Source.parse(wanted.source))))
    folder, keep = Path(settings.report_dir), settings.keep_runs
    publisher = Publisher(folder, keep, secrets, project(known), kind, signing, measured.ended)
    with measured.unless_made(), entered("rehearse", settings, tell) as course:
        rehearsed = tuple(rehearsals(wanted, known, Path.cwd(), tell))
        course.verdict, course.exit_code = publisher.published(rehearsed)
        course.facts |= {"source_kind": kind}
    rewrite(known, secrets, tell)
    return course.exit_code


@dataclass(frozen=True)
class _Measured:
    """--metrics-file: what a rehearsal of a `source` came to."""

    known: Configured
    source: str

    def ended(self, told: Told, say: Callable[[str], object]) -> None:
        self._put(lambda beside: samples(told, beside), say)

    @contextmanager
    def unless_made(self) -> Iterator[None]:
        """Write what is known of a rehearsal that could not begin, or was given up."""
        try:
            yield
        except (Misuse, Inconclusive) as error:
            kind = "misuse" if isinstance(error, Misuse) else "inconclusive"
            self._put(lambda beside: never_made(kind, beside), tell)
            raise

    def _put(self, made: Callable[[Beside], Iterable[Sample]], say: Callable[[str], object]) -> None:
        if file := self.known.settings.metrics_file:
            drills = last_good_drills(self.known)
            common = {"command": "rehearse", "phase": "rehearsal", "database": self.source}
            put_metrics(file, made(Beside(time.time(), drills["rehearsal"], drills)), common, say)


def _looked_back(typed: str, known: Configured, signing: Key | None, others: list[str]) -> int:
    """Say whether the last good drill is young enough."""
    if others:
        raise Misuse(f"--max-age only looks at the records of drills; leave out --{others[0].replace('_', '-')}")
    wanted = typed or known.settings.drill.max_age
    if not wanted:
        raise Misuse("--max-age: how old may the last good drill be? type --max-age 30d, or max_age under [drill]")
    kept, refused = records(Path(known.settings.report_dir), signing)
    asked_for = Wanted(project(known), age(wanted), known.settings.drill.rto_seconds)
    found = judged(kept, refused, asked_for, datetime.now(tz=UTC))
    click.echo("\n".join(lines(found)))
    return found.exit_code
