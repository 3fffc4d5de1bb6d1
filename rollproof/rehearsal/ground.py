"""What is rehearsed on: the source built, the tool's own first migrations applied, and rows made in tables that have none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rollproof.commands.verification import limits
from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.made_rows import MadeRows
from rollproof.rehearsal.plan import Plan, planned
from rollproof.rehearsal.tools.tool import Tool
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.rehearsal import Rehearsal
from rollproof.system.deadline import Deadline
from rollproof.throwaway.source.build import built
from rollproof.throwaway.source.built import How
from rollproof.throwaway.source.where import Source


@dataclass
class Ground:
    """A `world` made as the rehearsal is `asked`; what the source has and it has not is `left_out`, a sentence each."""

    asked: Rehearsal
    known: Configured
    folder: Path
    tell: Callable[[str], None]
    world: World
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @cached_property
    def rows(self) -> MadeRows:
        """Rows of our own making."""
        return MadeRows(self.asked.fill, self.known.settings, self.tell)

    @cached_property
    def commands(self) -> Commands:
        """Runs commands on it."""
        return Commands(self.world, self.folder, self.asked)

    def made(self, source: Source, at_work: Tool | None) -> Plan:
        """Make it; return what is rehearsed on it. Raises `Misuse` and `Inconclusive` if that cannot be."""
        self._build(source)
        plan = planned(self.asked, at_work, self.world.environment(self.world.url, self.asked.env))
        self.notes += plan.notes
        for step in plan.before:
            self.tell(f"{step.revision} migrate")
            if trouble := self.commands.run(step.up, measure=False).trouble:
                raise Inconclusive(f"the database that is rehearsed on could not be made: {trouble}")
        self.rows.fill(self.world)
        return plan

    def _build(self, source: Source) -> None:
        settings, asked, server = self.known.settings, self.asked, self.world.server

        def run(command: str, database: str) -> str:
            inside = Commands(World(server, database), self.folder, asked)
            return inside.run([command], measure=False).trouble

        within = limits(settings, Deadline(settings.max_duration))
        how = How(asked.schema_only, asked.sample, within, run, self.tell)
        found = built(source, server, self.world.database, how)
        self.left_out += found.left_out
        self.notes += found.notes
