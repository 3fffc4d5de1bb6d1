"""A rehearsal on one server, from the empty database to what came of it."""

import dataclasses
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from rollproof.model.errors import Misuse
from rollproof.rehearsal.acts import Acts, undecided
from rollproof.rehearsal.applications import Applications
from rollproof.rehearsal.crash_point import CrashPoint
from rollproof.rehearsal.ground import Ground
from rollproof.rehearsal.plan import tool_of
from rollproof.rehearsal.record import Rehearsed, Stage
from rollproof.rehearsal.tools.tool import Tool
from rollproof.rehearsal.traffic.writes import Writes
from rollproof.rehearsal.world import World
from rollproof.server.connection import Target
from rollproof.settings.configuration import Configured
from rollproof.settings.rehearsal import Rehearsal
from rollproof.throwaway.servers.provide import of_major, provide
from rollproof.throwaway.servers.room import room_for
from rollproof.throwaway.servers.server import Server, folder_of
from rollproof.throwaway.source.where import Source


@dataclass
class OneServer:
    """What is rehearsed, in which `folder`; `tell` hears what is being done."""

    asked: Rehearsal
    known: Configured
    folder: Path
    tell: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)
    crashes: list[CrashPoint] = field(default_factory=list)
    applications: Applications | None = None

    def rehearsed(self, where: str) -> Rehearsed:
        """Rehearse on a server that `--server` or `--matrix` names; nothing is left of it, unless it is to be kept.

        Raises `Misuse` and `Inconclusive` if the rehearsal cannot begin.
        """
        started = datetime.now(tz=UTC).isoformat(timespec="seconds")
        writes = Writes.parse(self.asked.traffic, self.folder) if self.asked.traffic else None
        source, at_work = Source.parse(self.asked.source), tool_of(self.asked, self.folder)
        with ExitStack() as keep:
            server = self._server(where, source)
            keep.callback(server.stop)
            source = self._source(source, server)
            world = World(server, server.given) if source.kind == "clone" and server.given else World(server)
            ground = Ground(self.asked, self.known, self.folder, self.tell, world)
            stages = tuple(undecided(self._stages(ground, source, at_work, writes), self.began))
            ground.notes += filter(None, [world.complaint()])
            if self.asked.keep:
                ground.notes.append(server.left_running(world.database))
                self.tell(ground.notes[-1])
        tool = at_work.title if at_work else ""
        told = Rehearsed(str(source), tool, server.name, server.version, started, time.monotonic() - self.began)
        return self._said(told, stages, ground)

    def _said(self, told: Rehearsed, stages: tuple[Stage, ...], ground: Ground) -> Rehearsed:
        return dataclasses.replace(
            told,
            stages=stages,
            crashes=tuple(self.crashes),
            left_out=(*ground.left_out, *ground.rows.left_out),
            notes=(*ground.notes, *ground.rows.notes),
        )

    def _stages(self, ground: Ground, source: Source, at_work: Tool | None, writes: Writes | None) -> Iterator[Stage]:
        with tempfile.TemporaryDirectory(prefix="baseline-", dir=folder_of(ground.world.server)) as folder:
            plan = ground.made(source, at_work)
            yield from Acts(
                ground, plan, Path(folder) / "baseline.json", self.began, writes, self.crashes, self.applications
            ).told()

    def _source(self, source: Source, server: Server) -> Source:
        """Return the source: a server that came with a database needs no other one. Raises `Misuse` if that is no clone."""
        if not server.given or source.kind != "nothing":
            return source
        known = {"database_url": self.known.settings.database_url, "--traffic-from": self.asked.traffic_from}
        for name, url in known.items():
            if url and _place(url) == _place(server.dsn(server.given)):
                raise Misuse(
                    f"--server exec: gave {Target.parse(url)}, which is that of {name} itself and no clone: it would be dropped"
                )
        self.asked = replace(self.asked, source=str(Source("clone")))
        return Source("clone")

    def _server(self, where: str, source: Source) -> Server:
        """Start a server of the source's major version, if nobody chose one, where there is room for it."""
        size = source.size()
        in_part = source.kind == "database" and (self.asked.schema_only or self.asked.sample)
        with room_for(0 if in_part else size.bytes):
            return provide(of_major(where, size.major or 0))


def _place(url: str) -> tuple[str | None, ...]:
    known = Target.parse(url).parameters
    return known.get("host"), known.get("port", "5432"), known.get("dbname")
