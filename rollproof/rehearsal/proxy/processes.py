"""The server's processes: one is ended while it runs a statement, or waited for until it has ended."""

import re
import time
from collections.abc import Callable, Iterable

import psycopg
from psycopg.rows import scalar_row

LONGEST = 10.0
"""Seconds for which a statement may run before its process is ended, whatever it does."""

_LOOK = 0.002  # seconds between two looks
_WAITS = "SELECT wait_event_type = 'Lock' FROM pg_catalog.pg_stat_activity WHERE pid = %s"
_LEFT = "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid = ANY(%s)"
_IN_STEPS = re.compile(r"\bconcurrently\b", re.IGNORECASE)

# What runs CONCURRENTLY commits some steps and then waits for whoever may still see the state before.
_SEE = """
DO $$
DECLARE seen regclass;
BEGIN
    FOR seen IN
        SELECT oid FROM pg_catalog.pg_class
        WHERE relkind IN ('r', 'p') AND relpersistence <> 't' AND relnamespace <> 'pg_catalog'::regnamespace
    LOOP
        BEGIN
            EXECUTE pg_catalog.format('LOCK TABLE %s IN ACCESS SHARE MODE NOWAIT', seen);
        EXCEPTION WHEN lock_not_available OR insufficient_privilege OR undefined_table THEN
        END;
    END LOOP;
END $$
"""


class Killer:
    """Ends a process of the server while it runs a statement: in the middle of its steps if it commits more than once."""

    def __init__(self, url: str, text: str, seconds: float) -> None:
        self._in_steps = bool(_IN_STEPS.search(text))
        self._seconds = min(seconds, LONGEST)
        self._own = psycopg.connect(url, autocommit=True)
        self._witness = psycopg.connect(url) if self._in_steps else None
        if self._witness:
            self._witness.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self._witness.execute(_SEE)

    def kill(self, process: int, is_done: Callable[[], bool]) -> None:
        """Wait for the right moment, unless the statement is done before, and end the process."""
        until = time.monotonic() + (LONGEST if self._in_steps else self._seconds)
        try:
            while not is_done() and time.monotonic() < until and not (self._in_steps and self._waits(process)):
                time.sleep(_LOOK if self._in_steps else min(_LOOK, self._seconds))
            self._own.execute("SELECT pg_catalog.pg_terminate_backend(%s)", [process])
        finally:
            self._own.close()
            if self._witness:
                self._witness.close()

    def _waits(self, process: int) -> bool:
        return bool(self._own.cursor(row_factory=scalar_row).execute(_WAITS, [process]).fetchone())


def wait_for_end(url: str, processes: Iterable[int], seconds: float) -> None:
    """Wait until none of these processes is left; after so many seconds they are ended."""
    until, named = time.monotonic() + seconds, list(processes)
    with psycopg.connect(url, autocommit=True, row_factory=scalar_row) as own:
        while own.execute(_LEFT, [named]).fetchone():
            if time.monotonic() > until:
                own.execute(
                    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.unnest(%s::int[]) AS pid", [named]
                )
            time.sleep(_LOOK)
