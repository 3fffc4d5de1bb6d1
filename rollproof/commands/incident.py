"""`rollproof incident`: the timeline of a night, opened, added to, and closed."""

from pathlib import Path
from typing import Any

import click

from rollproof.commands.command_options import Command, configured, interruptible, of_configuration, of_setting
from rollproof.commands.incidents import keep
from rollproof.incident import timeline
from rollproof.model.errors import Misuse
from rollproof.model.event import Event, EventKind
from rollproof.report.record import NAME
from rollproof.settings.option_table import OPTIONS


@click.group()
def incident() -> None:
    """Keep the timeline of an incident: what happened, who decided what and when."""


def _command(name: str, kind: EventKind, told: str) -> None:
    @click.command(name, cls=Command, help=told)
    @click.argument("text", nargs=-1, required=True)
    @interruptible
    def command(text: tuple[str, ...], rollproof_config: str | None, **typed: Any) -> None:
        asked = configured(rollproof_config, typed, asks_subject=False)
        folder = Path(asked.settings.report_dir)
        is_open = bool(timeline.open_since(timeline.read(folder)))
        if is_open == (kind == "opened"):
            raise Misuse(f"{folder}: {'an incident is open already' if is_open else 'no incident is open'}")
        keep(Event(kind, kind, text=" ".join(text)), folder, asked.settings)
        click.echo(f"{folder / NAME}")

    known = next(each for each in OPTIONS if each.field == "report_dir")
    command.params[:0] = [of_configuration(), of_setting(known)]
    incident.add_command(command)


_command("open", "opened", "Begin an incident, with what triggered it.")
_command("note", "note", "Add what was decided or done.")
_command("close", "closed", "End it, with what came of it.")
