"""A rehearsal on one server, from the empty database to what came of it."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rollproof.commands.verification import limits
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.contention import Contention
from rollproof.rehearsal.limits import held_to
from rollproof.rehearsal.record import Rehearsed, Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.staircase import Staircase, as_one
from rollproof.rehearsal.story import Story
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.rehearsal import Rehearsal
from rollproof.settings.sections import Backup, Log
from rollproof.system.deadline import Deadline
from rollproof.throwaway.filling.fill import filled
from rollproof.throwaway.servers.provide import of_major, provide
from rollproof.throwaway.servers.server import Server
from rollproof.throwaway.source.build import built
from rollproof.throwaway.source.built import How
from rollproof.throwaway.source.where import Source

WHICH = 'which migration? pass --migrate "COMMAND" and --rollback "COMMAND", or --tool NAME in the folder of a migration tool'


@dataclass
class OneServer:
    """What is rehearsed, in which `folder`, and what is known by now; `tell` hears what is being done."""

    asked: Rehearsal
    known: Configured
    folder: Path
    tell: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def rehearsed(self, where: str) -> Rehearsed:
        """Rehearse on a server that `--server` or `--matrix` names; nothing is left of it, unless it is to be kept.

        Raises `Misuse` and `Inconclusive` if the rehearsal cannot begin.
        """
        started = datetime.now(tz=UTC).isoformat(timespec="seconds")
        with ExitStack() as keep:
            source = Source.parse(self.asked.source)
            server = provide(of_major(where, source.major or 0))
            keep.callback(server.stop)
            folder = Path(keep.enter_context(tempfile.TemporaryDirectory()))
            stages = tuple(self._undecided(self._stages(source, server, folder / "baseline.json")))
            return Rehearsed(
                source=str(source),
                tool=self.asked.tool or "",
                server=server.name,
                version=server.version,
                started=started,
                seconds=time.monotonic() - self.began,
                stages=stages,
                left_out=tuple(self.left_out),
                notes=tuple(self.notes),
            )

    def _undecided(self, stages: Iterator[Stage]) -> Iterator[Stage]:
        """Yield the stages; where they cannot go on, the last one says why."""
        try:
            yield from stages
        except Inconclusive as error:
            yield Stage("the rehearsal", "undecided", str(error), time.monotonic() - self.began)

    def _stages(self, source: Source, server: Server, baseline: Path) -> Iterator[Stage]:
        world = World(server)
        self._build(source, world)
        self._fill(world)
        commands, steep = Commands(world, self.folder, self.asked), self.asked.every_step
        stages = Stages(world, commands, self.known, self.tell, self.began, keeps_session=steep)
        steps, told = self._steps(), list[Stage]()
        kept = world.keep() if self.asked.contend else ""
        each = Staircase(stages, steps) if steep else Story(stages, as_one(steps), baseline)
        for stage in each.told():
            told.append(stage)
            yield stage
        if kept:
            yield from Contention(stages, as_one(steps), kept, tuple(told)).told()
        yield from held_to(self.asked, told)

    def _build(self, source: Source, world: World) -> None:
        """Build the source on the world, and note what was left out of it."""
        settings, asked = self.known.settings, self.asked

        def run(command: str, database: str) -> str:
            inside = Commands(World(world.server, database), self.folder, asked)
            return inside.run([command], measure=False).trouble

        within = limits(settings, Deadline(settings.max_duration))
        made = built(source, world.server, world.database, How(asked.schema_only, asked.sample, within, run, self.tell))
        self.left_out += made.left_out
        self.notes += made.notes

    def _fill(self, world: World) -> None:
        """Make rows in tables that have none: a rollback that loses rows is not seen on them."""
        if self.asked.fill:
            self.tell("rows for tables that have none")
            settings = self.known.settings
            leave = {(settings.log or Log()).table, (settings.backup or Backup()).schema}
            made = filled(world.url, self.asked.fill, leave)
            self.notes += filter(None, [made.note])
            self.left_out += made.lacks

    def _steps(self) -> tuple[Step, ...]:
        """Return what is to be applied to the database. Raises `Misuse` if nobody says what that is."""
        if self.asked.migrate and self.asked.rollback:
            return (Step("", self.asked.migrate, self.asked.rollback),)
        raise Misuse(WHICH)
