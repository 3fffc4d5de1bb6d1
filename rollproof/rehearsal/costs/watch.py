"""Looks every few milliseconds at locks and disk while a command runs."""

import threading
import time
from collections.abc import Collection, Iterator
from typing import Any

import psycopg

from rollproof.model.printable import one_line
from rollproof.rehearsal.costs.disk import Disk
from rollproof.rehearsal.costs.figures import Figures, Missing, Rewrite
from rollproof.rehearsal.costs.held import STOPS, Held, Lock
from rollproof.rehearsal.costs.impatience import Impatience
from rollproof.rehearsal.costs.lock_modes import STRONGEST, named
from rollproof.rehearsal.costs.sessions import Sessions
from rollproof.rehearsal.costs.stated import UNSEEN, Stated, merged, stated
from rollproof.rehearsal.costs.tables import Tables
from rollproof.rehearsal.costs.waiters import Waiters

PAUSE = 0.005
"""Seconds between two looks at the locks; a lock that is held for less may not be seen."""
_DISK_PAUSE = 0.1
_REST = 10  # so many times as long as a look takes is rested after it, so that the command is not slowed down
_FROZEN = 20.0  # seconds without an answer to a look
_SETTLED = 0.5  # seconds within which the sessions of a command that has ended are gone, and have reported

_LOCKS = """
SELECT relation::bigint, mode, granted, pid FROM pg_catalog.pg_locks
WHERE locktype = 'relation' AND database = %s::oid AND mode <> 'AccessShareLock'
"""
_OF_A_TOOL = (
    "SELECT backend_type IN ('client backend', 'parallel worker') FROM pg_catalog.pg_stat_activity WHERE pid = %s"
)
_SESSIONS = "SELECT pid FROM pg_catalog.pg_stat_activity WHERE datid = %s::oid AND backend_type = 'client backend'"


class Watch:
    """Watches one database from `start` to `end`. Locks of `others`, server processes, are not the command's."""

    def __init__(self, url: str, began: float, others: Collection[int], sent: Impatience) -> None:
        self._sessions, self._began, self._others, self._sent = Sessions(url), began, frozenset(others), sent
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._until_stopped, name="rollproof measures", daemon=True)
        self._ours: dict[int | None, bool] = {None: True}  # no process: a prepared transaction
        self._lost = ""

    def start(self) -> None:
        """Look at what is there, and begin. Raises `psycopg.Error` if that cannot be read."""
        self._connection, self._database = self._sessions.outside, self._sessions.database
        with self._sessions.inside() as connection:
            self._tables = Tables.read(connection)
        self._held = Held(self._tables)
        self._waiters = Waiters(self._sessions.inside)
        self._disk = Disk(self._connection, self._database)
        self._look(time.monotonic() - self._began)  # the first one takes longest
        self._thread.start()

    def end(self) -> Figures:
        """Stop, and return what it came to."""
        seconds = time.monotonic() - self._began
        self._stop.set()
        self._thread.join(_FROZEN)
        if self._thread.is_alive():
            raise psycopg.OperationalError("the server gave no answer")
        self._waiters.close()
        self._take_waits()
        with self._connection:
            self._settle()
            rewritten = self._rewritten()
            wal, temporary = self._disk.wal, self._disk.temporary
        missing = {**self._disk.missing, "waits": self._waiters.refused, "locks": self._lost}
        told = tuple(Missing(of, why) for of, why in missing.items() if why)
        certain = {table: Stated(STRONGEST, 0.0, grows=True) for table in rewritten}
        certain |= stated(self._tables, self._sent.statements)
        locks = merged(self._held.locks(seconds), self._tables, certain)
        rewrites = tuple(Rewrite(self._tables.known[table].name) for table in rewritten)
        return Figures(seconds, locks, rewrites, wal, temporary, self._disk.peak, told, self._disk.size)

    def _until_stopped(self) -> None:
        disk_at = 0.0
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                self._look_again(began - self._began)
                taken = time.monotonic() - began
                if began >= disk_at:
                    self._disk.look()
                    disk_at = began + max(_DISK_PAUSE, _REST * (time.monotonic() - began - taken))
                self._stop.wait(min(max(PAUSE, _REST * taken), UNSEEN))
        except psycopg.Error as error:
            self._lost = f"from some moment on, {one_line(str(error))}"

    def _look_again(self, now: float) -> None:
        """Look; if the command ended our session, as one may that wants to be alone, look by another."""
        try:
            self._look(now)
        except psycopg.OperationalError:
            if not self._connection.closed:
                raise
            self._connection = self._disk.connection = Sessions(self._sessions.url).outside
            self._look(now)

    def _look(self, now: float) -> None:
        self._held.seen(self._locks(), now)
        for who, stops in STOPS.items():
            for table, since in self._held.stopped(stops).items():
                known = self._tables.known[table]
                if since < now - PAUSE and known.is_lockable and not self._sent.listen():
                    self._waiters.wait(table, known.name, who, since)
        self._take_waits()

    def _take_waits(self) -> None:
        for table, who, since, until in self._waiters.done():
            self._held.waited(table, who, until - self._began - since)

    def _locks(self) -> Iterator[Lock]:
        found: list[Any] = self._connection.execute(_LOCKS, (self._database,)).fetchall()
        for relation, mode, granted, pid in found:
            table = self._tables.of_index.get(relation, relation)
            if table in self._tables.known and self._is_of_a_tool(pid):
                yield Lock(table, named(mode), granted, table != relation)

    def _is_of_a_tool(self, pid: int | None) -> bool:
        """Whether a server process is of the command: not one of ours, and not autovacuum."""
        if pid in self._others or pid in self._waiters.pids:
            return False
        if pid not in self._ours:
            row = self._connection.execute(_OF_A_TOOL, (pid,)).fetchone()
            self._ours[pid] = bool(row and row[0])
        return self._ours[pid]

    def _settle(self) -> None:
        """Wait until the command's sessions are gone: they report their temporary files when they end."""
        end = time.monotonic() + _SETTLED
        mine = {self._connection.info.backend_pid, *self._others}
        while time.monotonic() < end:
            found: list[Any] = self._connection.execute(_SESSIONS, (self._database,)).fetchall()
            if not {pid for (pid,) in found} - mine:
                return
            time.sleep(0.02)

    def _rewritten(self) -> tuple[int, ...]:
        """Return the tables that have another file now. No lock is needed: a session that was left may have any."""
        with self._sessions.inside() as connection:
            return self._tables.rewritten(Tables.read(connection, sizes=False))
