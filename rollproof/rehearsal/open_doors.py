"""The stage of a rehearsal that tells which application lives on which schema."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import psycopg
from psycopg.conninfo import conninfo_to_dict

from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.applications import Applications
from rollproof.rehearsal.doors.corners import corners, lives
from rollproof.rehearsal.doors.deciding import decided
from rollproof.rehearsal.doors.door import Door, Doors, Exercised, Side
from rollproof.rehearsal.doors.look import Looks
from rollproof.rehearsal.doors.looking import looked
from rollproof.rehearsal.login import as_role
from rollproof.rehearsal.record import Stage, Word
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.server.sqlstates import server_message

NAME = "doors"
_FAILED = "the migration did not end well, so there is no new schema on which an application could live"
_TOGETHER = (
    "asked of all revisions together: the old schema is the one before the first, the new one that after the last"
)
_NOTHING = "nothing could be asked, so nobody knows which application lives on which schema"


@dataclass
class OpenDoors:
    """Both `applications` on the schema as it was `kept`, and on the one that the migration (`step`) makes of it.

    Roles belong to the server, so all that is asked of the old schema is asked before the migration. Each test command has a
    copy of its own, for it may write.
    """

    make: Stages
    step: Step
    kept: str
    applications: Applications
    _looks: dict[tuple[Side, Side], Looks] = field(default_factory=dict)
    _tested: dict[tuple[Side, Side], Exercised] = field(default_factory=dict)

    def told(self, first: tuple[Stage, ...]) -> Iterator[Stage]:
        """Yield the stage. The verdict hangs on it only where pairs are required; `first` went before."""
        self.make.tell(NAME)
        began = time.monotonic()
        try:
            stage = self._stage(first)
        except Inconclusive as error:
            stage = self._open(f"it could not go on: {error}")
        except psycopg.Error as error:
            stage = self._open(f"it could not go on: {server_message(error)}")
        yield replace(stage, began=began - self.make.began, seconds=time.monotonic() - began)

    def _stage(self, first: tuple[Stage, ...]) -> Stage:
        if any(stage.name == "migrate" and stage.word != "good" for stage in first):
            return self._open(_FAILED)
        self.make.world.bring_back(self.kept)
        try:
            self._ask("old", self.kept)
            return self._migrated()
        finally:
            self.make.world.bring_back(self.kept)  # the roles, too, of which one may log in now

    def _migrated(self) -> Stage:
        world, done = self.make.world, self.make.commands.run(self.step.up, measure=False)
        if done.trouble:
            return self._open(f"the migration, run once more for this, did not end well: {done.trouble}")
        migrated = world.keep()
        try:
            self._ask("new", migrated)
        finally:
            world.forget(migrated)
        return _judged(self._doors())

    def _open(self, why: str) -> Stage:
        return Stage(NAME, "undecided" if self.applications.required else "warning", why)

    def _ask(self, schema: Side, kept: str) -> None:
        """Ask both applications on a schema: first what is prepared and never run, then what may write."""
        with _Copy(self.make.world, kept) as there:
            for application, statements in self.applications.statements.items():
                self._looks[application, schema] = looked(there.url, self.applications.role, statements)
        for application, commands in self.applications.commands.items():
            with _Copy(self.make.world, kept) as there:
                self._tested[application, schema] = self._test(commands, there)

    def _test(self, commands: tuple[str, ...], there: World) -> Exercised:
        login = as_role(there.url, self.applications.role, shared=there.server.shared)
        done = replace(self.make.commands, world=there, login=login).run(commands, measure=False)
        return Exercised(done.ran, done.trouble, done.is_undecided)

    def _doors(self) -> Doors:
        given = self.applications
        found: tuple[Door, ...] = tuple(
            door
            for application, statements in given.statements.items()
            for door in decided(
                application, statements, self._looks[application, "old"], self._looks[application, "new"]
            )
        )
        notes = (*given.notes, _TOGETHER) if self.make.commands.asked.every_step else given.notes
        return Doors(found, corners(found, self._tested), notes, given.required)


@dataclass
class _Copy:
    """A copy of a state that was kept, as a world of its own, until the block has ended."""

    world: World
    kept: str

    def __enter__(self) -> World:
        name = conninfo_to_dict(self.world.copy(self.kept))["dbname"]
        self._made = World(self.world.server, str(name))
        return self._made

    def __exit__(self, *_: object) -> None:
        self.world.forget(self._made.database)


def _judged(doors: Doors) -> Stage:
    """Return the stage: where pairs are required, one that does not work is bad, and one in doubt undecided."""
    short = [each for each in doors.corners if each.name in doors.required and each.word != "works"]
    words = {each.word for each in short}
    asked = [each for each in doors.corners if each.word != "not asked"]
    told = [lives(each, must=True) for each in short]
    told = told or [*filter(None, map(lives, asked))]
    works = bool(asked) and all(each.word == "works" for each in asked)
    word: Word = "bad" if "refused" in words else "undecided" if words else "good" if works else "warning"
    return Stage(NAME, word, "; ".join(told) or _NOTHING, doors=doors)
