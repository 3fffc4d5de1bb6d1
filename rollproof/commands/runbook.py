"""`rollproof runbook`: the procedure of a rollback, written for this very database."""

import os
from contextlib import ExitStack
from typing import Any

import click

from rollproof.commands.command_options import (
    Command,
    at_home,
    configured,
    folders,
    interruptible,
    settings_options,
    tell,
)
from rollproof.commands.runbook_facts import opened
from rollproof.commands.runbook_files import KEPT, SCRIPT, folder_of, write
from rollproof.report.runbook import html, markdown
from rollproof.settings.configuration import secrets_of
from rollproof.system.deadline import Deadline


@settings_options("runbook")
@click.command(
    cls=Command,
    example="rollproof runbook --database-url postgresql://verifier@db.example/shop --output runbook",
)
@click.option(
    "--output",
    metavar="DIR",
    shell_complete=folders,
    callback=at_home,
    help="the folder to write to [default: output under [runbook], else the report folder]",
)
@interruptible
def runbook(output: str | None, rollproof_config: str | None, **typed: Any) -> None:
    """Write the procedure of a rollback for this database, as Markdown and HTML; read-only.

    It needs a database, a baseline, or both; what it could not know, it says.
    """
    asked = configured(rollproof_config, typed, output, asks_subject=False)
    deadline, folder = Deadline(asked.settings.max_duration), folder_of(asked, output)
    with ExitStack() as keep:
        told = write(opened(asked, keep, deadline, tell), folder, secrets_of(asked.settings, os.environ))
        deadline.require()
    for text in told.unknown:
        tell(f"not known: {text}")
    for name in (markdown.NAME, html.NAME, SCRIPT, KEPT):
        click.echo(folder / name)
