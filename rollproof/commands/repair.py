"""`rollproof repair`: the SQL that would put the definitions right, printed and never executed."""

from typing import Any

import click

from rollproof.commands.command_options import configured, interruptible, settings_options, tell
from rollproof.commands.prepare import key_of, recorded, verification
from rollproof.commands.repair_script import script
from rollproof.system.deadline import Deadline


@click.command()
@settings_options(
    (
        "database_url",
        "reference",
        "require_signature",
        "other_database",
        "allow_empty",
        "jobs",
        "lock_timeout",
        "statement_timeout",
        "max_duration",
        "trust_functions",
    )
)
@interruptible
def repair(rollproof_config: str | None, **typed: Any) -> None:
    """Print the SQL that would put the definitions right, made from the reference; execute nothing."""
    asked = configured(rollproof_config, typed)
    settings = asked.settings
    baseline = recorded(asked.reference, allow_empty=settings.allow_empty, key=key_of(settings))
    deadline = Deadline(settings.max_duration)
    opened = verification(settings, asked.reference, baseline, deadline=deadline, tell=tell)
    try:
        lines = script(opened)
        deadline.require()
    finally:
        opened.close()
    click.echo("\n".join(lines) or "-- every definition is as it was; rows are not looked at here: the checks do that")
