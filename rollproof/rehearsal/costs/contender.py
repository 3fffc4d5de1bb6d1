"""A session that holds what one holds that writes rows: `--contend`."""

import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Self

import psycopg

from rollproof.model.printable import one_line
from rollproof.rehearsal.costs.sessions import Sessions
from rollproof.rehearsal.costs.tables import Tables

ROWS = 100
"""So many rows of each table are locked, as UPDATE locks them."""
TABLES = 1000
LONG = 5.0
"""Seconds for which a migration is kept waiting that sets no `lock_timeout`."""
_LONGER = 1.0  # than a lock_timeout
_PAUSE = 0.03

_WAITING = """
SELECT pid FROM pg_catalog.pg_locks WHERE NOT granted AND %s = ANY (pg_catalog.pg_blocking_pids(pid))
"""


@dataclass
class Contender:
    """Holds locks on all tables of a database but those named in `spared`, and on rows of them, from `with` on.

    They are let go when somebody has waited for them for longer than `lock_timeout` (seconds; 0: none is known), or a second after
    somebody gave up waiting. `waited` is then how long somebody waited in all, `given_up` how often one gave up. What begins it
    raises `psycopg.Error` if they are not to be had.
    """

    url: str
    spared: frozenset[str]
    lock_timeout: float = 0.0
    waited: float = 0.0
    given_up: int = 0
    missing: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        with ExitStack() as keep:
            sessions = Sessions(self.url)
            self._holding, self._outside = (keep.enter_context(each) for each in (sessions.inside(), sessions.outside))
            self._hold()
            thread = threading.Thread(target=self._until_waited_for, name="rollproof contends", daemon=True)
            thread.start()
            keep.callback(thread.join)
            keep.callback(self._stop.set)
            self._keep = keep.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._keep.close()

    @property
    def was_waited_for(self) -> bool:
        """Whether anybody had to wait for its locks."""
        return bool(self.waited or self.given_up)

    @property
    def pid(self) -> int:
        """Its server process."""
        return self._holding.info.backend_pid

    def _hold(self) -> None:
        tables = [table for table in Tables.read(self._holding, sizes=False).known.values() if table.is_lockable]
        self._holding.execute("BEGIN")
        for table in tables[:TABLES]:
            if table.name.rpartition(".")[2] not in self.spared:
                self._holding.execute(f"LOCK TABLE ONLY {table.name} IN ROW EXCLUSIVE MODE".encode(), prepare=False)
                rows = f"SELECT FROM ONLY {table.name} LIMIT {ROWS} FOR NO KEY UPDATE"
                self._holding.execute(rows.encode(), prepare=False)

    def _until_waited_for(self) -> None:
        try:
            self._wait()
            self._holding.execute("ROLLBACK")
        except psycopg.Error as error:
            self.missing = f"the writer beside it was lost: {one_line(str(error))}"

    def _wait(self) -> None:
        first, waiting, last, end = 0.0, set[int](), time.monotonic(), float("inf")
        while not self._stop.wait(_PAUSE):
            now, still = time.monotonic(), self._waiting()
            if waiting:
                self.waited += now - last
            if still and not first:
                first, end = now, now + max(LONG, self.lock_timeout + _LONGER)
            if waiting - still:
                self.given_up += len(waiting - still)
                end = min(end, now + _LONGER)
            if now >= end:
                return
            waiting, last = still, now

    def _waiting(self) -> set[int]:
        found: list[Any] = self._outside.execute(_WAITING, (self.pid,)).fetchall()
        return {pid for (pid,) in found}
