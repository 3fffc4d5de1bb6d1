"""`rollproof rehearse`: a migration and its rollback tried on a throw-away database."""

import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from rollproof.commands.command_options import Command, configured, interruptible, settings_options, tell
from rollproof.model.errors import Misuse
from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.record import Rehearsed
from rollproof.rehearsal.reports.terminal import lines
from rollproof.rehearsal.story import Story
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.rehearsal import Rehearsal
from rollproof.system.bundle import Verdict
from rollproof.throwaway.servers.provide import provide


@settings_options("rehearse")
@click.command(
    cls=Command,
    example='rollproof rehearse --source postgresql://db.example/staging --migrate "alembic upgrade head" --rollback "alembic downgrade -1"',
)
@click.option(
    "--source", metavar="WHERE", help="what is rehearsed on: a database's URL, a dump, an SQL file, or command:COMMAND"
)
@click.option("--migrate", metavar="COMMAND", multiple=True, help="the shell command that migrates; may be repeated")
@click.option("--rollback", metavar="COMMAND", multiple=True, help="the shell command that rolls back; may be repeated")
@interruptible
def rehearse(rollproof_config: str | None, **typed: Any) -> None:
    """Try a migration and its rollback on a throw-away database: is it as it was?"""
    own = {name: typed.pop(name) for name in Rehearsal.__struct_fields__ if name in typed}
    asked = configured(rollproof_config, typed, asks_subject=False)
    wanted = replace(Rehearsal(), **{name: value for name, value in own.items() if value})
    rehearsed = _rehearsed(wanted, asked, Path.cwd())
    click.echo("\n".join(lines(rehearsed)))
    if rehearsed.exit_code:
        raise Verdict(rehearsed.exit_code)


def _rehearsed(wanted: Rehearsal, asked: Configured, folder: Path) -> Rehearsed:
    if not (wanted.migrate and wanted.rollback):
        raise Misuse('which migration? pass --migrate "COMMAND" and --rollback "COMMAND", or --tool NAME')
    began, started = time.monotonic(), datetime.now(tz=UTC).isoformat()
    with ExitStack() as keep:
        server = provide(asked.settings.server)
        keep.callback(server.stop)
        world = World(server)
        server.create(world.database)
        baseline = Path(keep.enter_context(tempfile.TemporaryDirectory())) / "baseline.json"
        step = Step("", wanted.migrate, wanted.rollback)
        story = Story(world, step, Commands(world, folder, wanted), asked, baseline, tell, began)
        stages = tuple(story.stages())
    return Rehearsed(
        wanted.source or "nothing", "", server.name, server.version, started, time.monotonic() - began, stages
    )
