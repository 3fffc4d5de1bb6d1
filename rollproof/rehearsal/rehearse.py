"""`rollproof rehearse`: a migration and its rollback tried on a throw-away database."""

import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from rollproof.commands.command_options import Command, configured, interruptible, settings_options, tell
from rollproof.model.errors import Misuse
from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.options import OPTIONS, asked, options
from rollproof.rehearsal.record import Rehearsed
from rollproof.rehearsal.reports.terminal import lines
from rollproof.rehearsal.story import Story
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.rehearsal import Rehearsal
from rollproof.system.bundle import Verdict
from rollproof.throwaway.servers.provide import provide


@options
@settings_options("rehearse")
@click.command(
    cls=Command,
    example='rollproof rehearse --source shop.dump --migrate "alembic upgrade head" --rollback "alembic downgrade -1"',
)
@interruptible
def rehearse(rollproof_config: str | None, **typed: Any) -> None:
    """Try a migration and its rollback on a throw-away database: is it as it was?"""
    own = {known.field: typed.pop(known.field) for known in OPTIONS}
    known = configured(rollproof_config, typed, asks_subject=False)
    wanted = asked(own, known.settings.rehearsal)
    rehearsed = _rehearsed(wanted, known, Path.cwd())
    click.echo("\n".join(lines(rehearsed)))
    if rehearsed.exit_code:
        raise Verdict(rehearsed.exit_code)


def _rehearsed(wanted: Rehearsal, known: Configured, folder: Path) -> Rehearsed:
    if not (wanted.migrate and wanted.rollback):
        raise Misuse('which migration? pass --migrate "COMMAND" and --rollback "COMMAND", or --tool NAME')
    began, started = time.monotonic(), datetime.now(tz=UTC).isoformat()
    with ExitStack() as keep:
        server = provide(known.settings.server)
        keep.callback(server.stop)
        world = World(server)
        server.create(world.database)
        baseline = Path(keep.enter_context(tempfile.TemporaryDirectory())) / "baseline.json"
        step = Step("", wanted.migrate, wanted.rollback)
        story = Story(world, step, Commands(world, folder, wanted), known, baseline, tell, began)
        stages = tuple(story.stages())
    return Rehearsed(
        wanted.source or "nothing", "", server.name, server.version, started, time.monotonic() - began, stages
    )
