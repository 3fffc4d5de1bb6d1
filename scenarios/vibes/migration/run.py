"""What every operation is given, and what it answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .console import Stop
from .database import Database
from .log import Entry, Log
from .plan import Plan, live


@dataclass(frozen=True)
class Options:
    """What the operator asked for."""

    force: bool = False
    while_connected: bool = False
    batch_size: int = 10_000
    free_disk: int | None = None  # bytes, where the script cannot see for itself
    plan: str | None = None  # a file: what the catalogue cannot know
    schema: str | None = None  # a file: the SQL that makes the original tables
    tables: tuple[str, ...] = ()  # to roll back; all if none are named


@dataclass(frozen=True)
class Run:
    """One operation on one database."""

    database: Database
    log: Log
    stop: Stop
    options: Options
    plan: Plan

    @contextmanager
    def locked(self, mode: str = "ACCESS EXCLUSIVE", tables: tuple[str, ...] = ()) -> Iterator[None]:
        """Hold tables (all, if not said) in a transaction, and whatever refers to them; see `Database.locked`."""
        own = [live(table) for table in tables or self.plan.names]
        with self.database.locked([*own, *self.database.referring(own)], mode, self.stop.sleep):
            yield

    @contextmanager
    def logged(self) -> Iterator[Entry]:
        """Log the whole operation."""
        with self.log.entry() as entry:
            try:
                yield entry
            except BaseException:
                self.log.close()
                raise


@dataclass
class Answer:
    """What to tell people (lines) and programs (facts)."""

    lines: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    exit_code: int = 0
