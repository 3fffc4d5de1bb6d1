"""A rehearsal on one server, from the empty database to what came of it."""

import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

import psycopg
from msgspec.structs import replace

from rollproof.commands.verification import limits
from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.contention import Contention
from rollproof.rehearsal.crash.crashes import Crashes
from rollproof.rehearsal.crash_point import CrashPoint
from rollproof.rehearsal.limits import held_to
from rollproof.rehearsal.made_rows import MadeRows
from rollproof.rehearsal.outage import Outage
from rollproof.rehearsal.plan import Plan, planned, tool_of
from rollproof.rehearsal.record import Rehearsed, Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.staircase import FIRST, Staircase
from rollproof.rehearsal.story import Story
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.tools.tool import Tool
from rollproof.rehearsal.traffic.between import Between
from rollproof.rehearsal.traffic.writes import Writes
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.rehearsal import Rehearsal
from rollproof.system.deadline import Deadline
from rollproof.throwaway.servers.provide import of_major, provide
from rollproof.throwaway.servers.room import room_for
from rollproof.throwaway.servers.server import Server
from rollproof.throwaway.source.build import built
from rollproof.throwaway.source.built import How
from rollproof.throwaway.source.where import Source


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
    crashes: list[CrashPoint] = field(default_factory=list)

    @cached_property
    def rows(self) -> MadeRows:
        """Rows of our own making."""
        return MadeRows(self.asked.fill, self.known.settings, self.tell)

    def rehearsed(self, where: str) -> Rehearsed:
        """Rehearse on a server that `--server` or `--matrix` names; nothing is left of it, unless it is to be kept.

        Raises `Misuse` and `Inconclusive` if the rehearsal cannot begin.
        """
        started = datetime.now(tz=UTC).isoformat(timespec="seconds")
        with ExitStack() as keep:
            source, at_work = self._named()
            server = self._server(where, source)
            keep.callback(server.stop)
            if server.given and source.kind == "nothing":
                source, self.asked = Source("clone"), replace(self.asked, source=f"{Source('clone')}")
            folder = Path(keep.enter_context(tempfile.TemporaryDirectory()))
            world = World(server, server.given) if source.kind == "clone" and server.given else World(server)
            stages = tuple(self._undecided(self._stages(source, at_work, world, folder / "baseline.json")))
            if self.asked.keep:
                self.notes.append(server.left_running(world.database))
                self.tell(self.notes[-1])
            return Rehearsed(
                source=str(source),
                tool=at_work.title if at_work else "",
                server=server.name,
                version=server.version,
                started=started,
                seconds=time.monotonic() - self.began,
                stages=stages,
                left_out=(*self.left_out, *self.rows.left_out),
                notes=(*self.notes, *self.rows.notes),
                crashes=tuple(self.crashes),
            )

    def _named(self) -> tuple[Source, Tool | None]:
        """Read what was typed, before a server is started. Raises `Misuse` for what it cannot be."""
        self.writes = Writes.parse(self.asked.traffic, self.folder) if self.asked.traffic else None
        return Source.parse(self.asked.source), tool_of(self.asked, self.folder)

    def _server(self, where: str, source: Source) -> Server:
        """Start a server of the source's major version, if nobody chose one, where there is room for it."""
        size = source.size()
        in_part = source.kind == "database" and (self.asked.schema_only or self.asked.sample)
        with room_for(0 if in_part else size.bytes):
            return provide(of_major(where, size.major or 0))

    def _undecided(self, stages: Iterator[Stage]) -> Iterator[Stage]:
        """Yield the stages; where they cannot go on, the last one says why."""
        try:
            yield from stages
        except (Inconclusive, psycopg.Error) as error:
            yield Stage("the rehearsal", "undecided", f"it could not go on: {error}", time.monotonic() - self.began)

    def _stages(self, source: Source, at_work: Tool | None, world: World, baseline: Path) -> Iterator[Stage]:
        self._build(source, world)
        commands, steep = Commands(world, self.folder, self.asked), self.asked.every_step
        stages = Stages(world, commands, self.known, self.tell, self.began, keeps_session=steep, left_out=self.left_out)
        plan, told, outage = self._planned(at_work, world, commands), list[Stage](), self._outage()
        self.rows.fill(world)
        kept = world.keep() if self.asked.contend or self.writes or self.rows.made or self.asked.is_crashed else ""

        def begin() -> Iterator[Stage]:
            if steep:
                return Staircase(stages, plan.steps, partial(self.rows.fill, world)).told()
            baseline.unlink(missing_ok=True)
            return Story(stages, plan.whole, baseline).told()

        kept = yield from self._told(begin, world, kept, told)
        if self.asked.contend:
            yield from Contention(stages, plan.whole, kept, tuple(told)).told()
        if self.writes:
            yield from Between(stages, plan.whole, kept, tuple(told), self.writes).told()
        if outage:
            told.append(outage.stage(told))
            yield told[-1]
        yield from self._crash(stages, plan.whole, kept)
        yield from held_to(self.asked, told)

    def _told(
        self, begin: Callable[[], Iterator[Stage]], world: World, kept: str, told: list[Stage]
    ) -> Generator[Stage, None, str]:
        """Yield the stages that were `told`; where the migration fails on rows of ours, tell it once more without them.

        Return what the state before the migration is called by now.
        """
        try:
            told.extend(begin())
            if self.rows.made and (why := _failure(told)):
                kept = self._without_rows(world, kept)
                if not _failure(again := list(begin())):
                    self.rows.give_up(why)
                    told[:] = again
        finally:
            yield from told
        return kept

    def _without_rows(self, world: World, kept: str) -> str:
        world.bring_back(kept)
        world.forget(kept)
        self.rows.take_away(world)
        return world.keep()

    def _crash(self, stages: Stages, step: Step, kept: str) -> Iterator[Stage]:
        if not self.asked.is_crashed:
            return
        reports = Path(self.known.settings.report_dir)
        crashes = Crashes(stages, step, kept, self.asked.crash_sample, reports, self.crashes)
        yield from crashes.told()
        self.left_out += crashes.left_out

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

    def _planned(self, at_work: Tool | None, world: World, commands: Commands) -> Plan:
        """Return what is rehearsed, once the tool's own migrations have made what there must be before it."""
        plan = planned(self.asked, at_work, world.environment(world.url, self.asked.env))
        self.notes += plan.notes
        for step in plan.before:
            self.tell(f"{step.revision} migrate")
            if trouble := commands.run(step.up, measure=False).trouble:
                raise Inconclusive(f"the database that is rehearsed on could not be made: {trouble}")
        return plan

    def _outage(self) -> Outage | None:
        settings, asked = self.known.settings, self.asked
        within = limits(settings, Deadline(settings.max_duration))
        return Outage.of(asked.traffic_from, asked.traffic_seconds, within) if asked.traffic_from else None


def _failure(told: list[Stage]) -> str:
    """Return what the first migration said when it failed; "" if it did not."""
    first = next((stage for stage in told if stage.name == FIRST), None)
    if first is None or first.word == "good" or not first.ran or first.ran[-1].code == 0:
        return ""
    lines = first.ran[-1].said.splitlines() or [first.sentence]
    return next((line for line in lines if "ERROR" in line.upper()), lines[-1]).strip()
