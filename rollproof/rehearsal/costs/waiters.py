"""A reader and a writer that wait for a locked table as others would: real sessions in its queue.

They come when a lock is seen that would keep them waiting, so none of them ever holds what the migration wants: they get the table
when it is let go, and let it go at once. They change nothing and read nothing.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

import psycopg

from rollproof.model.printable import one_line
from rollproof.rehearsal.costs.sessions import Connection
from rollproof.system.background import background

MODES = {"reader": "ACCESS SHARE", "writer": "ROW EXCLUSIVE"}
AT_ONCE = 8
"""How many of them wait at a time; for the other tables pg_locks alone must do."""


@dataclass
class Waiters:
    """Sessions that wait, made by `connect` when they are needed, and kept until `close`."""

    connect: Callable[[], Connection]
    _idle: list[Connection] = field(default_factory=list)
    _waiting: dict[tuple[int, str], "Future[float]"] = field(default_factory=dict)
    _since: dict[tuple[int, str], float] = field(default_factory=dict)
    pids: set[int] = field(default_factory=set)
    refused: str = ""
    _ending: bool = False

    def wait(self, table: int, name: str, who: str, since: float) -> None:
        """Have one wait for a table that has been locked `since` then, unless it waits already, or too many do."""
        if (table, who) not in self._waiting and len(self._waiting) < AT_ONCE and not self.refused:
            self._since[table, who] = since
            self._waiting[table, who] = background(lambda: self._waited(name, MODES[who]))

    def done(self) -> Iterator[tuple[int, str, float, float]]:
        """Take out who has got a table: the table, who, since when it was locked, and until when."""
        for (table, who), future in list(self._waiting.items()):
            if future.done():
                del self._waiting[table, who]
                since = self._since.pop((table, who))
                if not future.exception():
                    yield table, who, since, future.result()

    def close(self) -> None:
        """End all of them; none waits longer than PATIENCE_MS."""
        self._ending = True
        for future in self._waiting.values():
            future.exception()
        for connection in self._idle:
            connection.close()

    def _waited(self, name: str, mode: str) -> float:
        connection = self._connected()
        try:
            while not (_got(connection, name, mode) or self._ending):
                pass
            self._idle.append(connection)
        except psycopg.errors.InsufficientPrivilege as error:
            self.refused = one_line(str(error))
            raise
        return time.monotonic()

    def _connected(self) -> Connection:
        if self._idle:
            return self._idle.pop()
        try:
            connection = self.connect()
        except psycopg.Error as error:
            self.refused = one_line(str(error))
            raise
        self.pids.add(connection.info.backend_pid)
        return connection


def _got(connection: Connection, name: str, mode: str) -> bool:
    """Whether the table was to be had, or is gone. One round trip, so that it is let go as soon as it is got."""
    try:
        with connection.pipeline():
            connection.execute("BEGIN")
            connection.execute(f"LOCK TABLE ONLY {name} IN {mode} MODE".encode(), prepare=False)
            connection.execute("ROLLBACK")
    except psycopg.errors.LockNotAvailable:
        connection.rollback()
        return False
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.WrongObjectType):
        connection.rollback()
    return True
