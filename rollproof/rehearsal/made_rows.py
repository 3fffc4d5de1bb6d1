"""Rows of our own making in the tables that have none: made, told of, and taken away where a migration fails on them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import psycopg

from rollproof.model.amounts import counted
from rollproof.model.names import names, unquoted
from rollproof.rehearsal.world import World
from rollproof.settings.options import Settings
from rollproof.settings.sections import Backup, Log
from rollproof.throwaway.filling.fill import emptied, filled

_SHOWN = 10
_FAILS = (
    "the migration fails on rows of our making: {}; where your own rows are like these, it will fail on them, too; "
    "it was rehearsed with no rows in {}"
)


@dataclass
class MadeRows:
    """Makes so many `rows` per table; `tell` hears when. How many were `made`, why there are `none`; `stale` are views."""

    rows: int
    settings: Settings
    tell: Callable[[str], None]
    made: dict[str, int] = field(default_factory=dict)
    none: dict[str, str] = field(default_factory=dict)
    stale: dict[str, str] = field(default_factory=dict)
    _failed: str = ""
    _broken: str = ""
    _gone: dict[str, int] = field(default_factory=dict)

    def fill(self, world: World) -> None:
        """Make rows in tables that have none: a rollback that loses rows is not seen on them."""
        if self._broken:
            return
        if self.rows:
            self.tell("rows for tables that have none")
        leave = {*self._gone, (self.settings.log or Log()).table, (self.settings.backup or Backup()).schema}
        try:
            found = filled(world.url, self.rows, leave)
        except psycopg.Error as error:
            self._broken = f"no rows could be made in tables that have none: {error}"
            return
        self.made |= found.tables
        self.none = self.none | dict(found.not_filled)
        self.stale |= found.not_refreshed

    def take_away(self, world: World, statement: str) -> None:
        """Take them out of the tables that a statement names, or out of all; they are not filled again."""
        named = [table for table in self.made if _names(statement, table)]
        gone = emptied(world.url, named or self.made, self.made)
        self._gone |= {table: self.made.pop(table) for table in gone if table in self.made}

    def give_up(self, why: str) -> None:
        """Say that the migration fails on those that were taken away, with these words, and not without them."""
        self._failed = _FAILS.format(why, _first(self._gone))

    def keep_up(self) -> None:
        """Forget that any were taken away: the migration fails without them, too."""
        self.made |= self._gone
        self._gone = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was made, in a sentence."""
        rows, tables = counted(sum(self.made.values()), "row"), counted(len(self.made), "table")
        return (f"{rows} made in {tables} that had none (--fill); the same ones each time",) if self.made else ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """What has no rows, and what does not show them, a sentence each."""
        none = {table: why for table, why in self.none.items() if table not in self.made}
        if not self.rows:
            return (f"{counted(len(none), 'table')} without rows (--fill 0): {_first(none)}",) if none else ()
        said = [each for each in (self._failed, self._broken) if each]
        said += [f"{table} has no rows, and none could be made: {why}" for table, why in none.items()]
        return (*said, *(f"{view} could not be refreshed: {why}" for view, why in self.stale.items()))


def _first(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join([*listed[:_SHOWN], *(["…"] if len(listed) > _SHOWN else [])])


def _names(statement: str, table: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(unquoted(names(table)[1]))}(?!\w)", statement) is not None
