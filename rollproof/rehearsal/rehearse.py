"""`rollproof rehearse`: a migration and its rollback tried on a throw-away database."""

from pathlib import Path
from typing import Any

import click

from rollproof.commands.command_options import Command, configured, interruptible, settings_options, tell
from rollproof.rehearsal.one_server import OneServer
from rollproof.rehearsal.options import OPTIONS, asked, options
from rollproof.rehearsal.reports.terminal import lines
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
    rehearsed = OneServer(wanted, known, Path.cwd(), tell).rehearsed(known.settings.server)
    click.echo("\n".join(lines(rehearsed)))
    if rehearsed.exit_code:
        raise Verdict(rehearsed.exit_code)
