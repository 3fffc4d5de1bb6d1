"""`rollproof rehearse`: a migration and its rollback tried on a throw-away database."""

import os
from pathlib import Path
from typing import Any

import click

from rollproof.commands.command_options import Command, configured, interruptible, settings_options, tell
from rollproof.model.redaction import secrets_in
from rollproof.rehearsal.one_server import OneServer
from rollproof.rehearsal.options import OPTIONS, asked, options
from rollproof.rehearsal.reports.publish import published
from rollproof.report.folder import Runs
from rollproof.settings.configuration import secrets_of
from rollproof.system.bundle import Verdict


@options
@settings_options("rehearse")
@click.command(
    cls=Command,
    example='rollproof rehearse --source shop.dump --migrate "alembic upgrade head" --rollback "alembic downgrade -1"',
)
@interruptible
def rehearse(rollproof_config: str | None, **typed: Any) -> None:
    """Try a migration and its rollback on a throw-away database: is it as it was?"""
    own = {name: typed.pop(name) for name in (known.field for known in OPTIONS)}
    known = configured(rollproof_config, typed, asks_subject=False)
    wanted = asked(own, known.settings.rehearsal)
    if problem := Runs(Path(known.settings.report_dir), known.settings.keep_runs).obstacle():
        tell(f"WARNING: no report will be written to {known.settings.report_dir}: {problem}")
    rehearsed = OneServer(wanted, known, Path.cwd(), tell).rehearsed(known.settings.server)
    urls = filter(None, [wanted.source, wanted.traffic_from])
    secrets = secrets_of(known.settings, os.environ).and_of(secrets_in(urls, os.environ))
    if code := published((rehearsed,), known.settings, secrets):
        raise Verdict(code)
