"""`rollproof repair`: the SQL that would put the definitions right, printed and never executed."""

import os
from contextlib import ExitStack
from typing import Any

import click

from rollproof.commands.command_options import Command, configured, interruptible, settings_options, tell
from rollproof.commands.prepare import prepare
from rollproof.commands.repair_script import script
from rollproof.commands.request import Request
from rollproof.migration.baseline_age import doubts
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.system.deadline import Deadline


@settings_options("repair")
@click.command(
    cls=Command,
    example="rollproof repair --database-url postgresql://verifier@db.example/shop --reference baseline.json >repair.sql",
)
@interruptible
def repair(rollproof_config: str | None, **typed: Any) -> None:
    """Print the SQL that would put the definitions right, made from the reference; execute nothing."""
    asked = configured(rollproof_config, typed)
    deadline = Deadline(asked.settings.max_duration)
    with ExitStack() as keep:
        prepared = prepare(Request(asked, DEFAULT_PHASE, os.environ, deadline, tell), keep)
        if prepared.held.kind == "baseline":
            for doubt in doubts(prepared.held, None, asked.settings.max_baseline_age):
                tell(f"WARNING: {doubt.sentence}")
        lines = script(prepared.sides)
        deadline.require()
    click.echo("\n".join(lines) or "-- every definition is as it was; rows are not looked at here: the checks do that")
