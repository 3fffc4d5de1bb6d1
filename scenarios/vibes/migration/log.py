"""public.migration_log: one row per operation and step, written on a connection of its own.

A row begins as `started`, and is seen by everybody at once. It becomes `completed` inside the transaction that did the
work, so both are committed or neither; a failure is written afterwards on the log's own connection. A row that stays
`started` belongs to a process that died; the next run says so.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg

from .actor import actor
from .console import logger
from .database import Database
from .errors import Refused
from .plan import LOG, MIGRATION

CREATE = f"""
CREATE TABLE IF NOT EXISTS {LOG} (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    migration   text NOT NULL,
    run         text NOT NULL,
    operation   text NOT NULL,
    step        text,
    table_name  text,
    status      text NOT NULL CHECK (status IN ('started', 'completed', 'failed')),
    rows        bigint,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    detail      text,
    actor       text
)"""
EXTEND = f"ALTER TABLE {LOG} ADD COLUMN IF NOT EXISTS actor text"  # a log of 0.3 and before has none
LINGERING_SECONDS = 3  # for which the session of a run that was killed may outlive it
UNDONE = "undone with the whole run"
ONE_AT_A_TIME = "hashtextextended('vibes data_migration', 0)"


@dataclass
class Entry:
    """One row that has been started."""

    row: int

    def complete(self, database: Database, *, rows: int | None = None, detail: str | None = None) -> None:
        """Mark it completed through the connection, and in the transaction, that did the work."""
        database.execute(
            f"UPDATE {LOG} SET status = 'completed', rows = $2, detail = $3, finished_at = clock_timestamp() WHERE id = $1",
            self.row, rows, detail,
        )  # fmt: skip


class Log:
    """The log of one run of one operation."""

    def __init__(self, database: Database, operation: str) -> None:
        self.database = database
        self.operation = operation
        self.actor: str | None = actor(database)
        self.run: str = database.value(
            "SELECT to_char(now(), 'YYYYMMDD\"t\"HH24MISS') || '_' || left(md5(random()::text), 6)"
        )

    def lock(self) -> None:
        """Make sure that no other run is at work on this database, for as long as this connection lives."""
        end = time.monotonic() + LINGERING_SECONDS
        while not self.database.value(f"SELECT pg_try_advisory_lock({ONE_AT_A_TIME})"):
            if time.monotonic() > end:
                raise Refused(
                    f"another run of data_migration.py is at work here (server process {self.holder()}); let it finish"
                )
            time.sleep(0.1)

    def holder(self) -> int | None:
        """Return the server process of the run that is at work on this database; None if none is."""
        holder: int | None = self.database.value(
            f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
            f" AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            f" AND (classid::bigint << 32) | objid::bigint = {ONE_AT_A_TIME}"
        )
        return holder

    def open(self) -> None:
        """Create the table, or its new column, if it is missing, and close what a process that died left open."""
        self.database.execute(CREATE)
        self._extend()
        self.database.execute(
            f"UPDATE {LOG} SET status = 'failed', finished_at = clock_timestamp(), detail = 'died; found by run ' || $2"
            " WHERE migration = $1 AND status = 'started'",
            MIGRATION, self.run,
        )  # fmt: skip

    def _extend(self) -> None:
        """Add what an older version's log lacks; somebody who reads that log all the while must not stop a rollback."""
        if "actor" in columns(self.database):
            return
        try:
            self.database.execute(EXTEND)
        except psycopg.errors.LockNotAvailable:
            logger.warning("somebody holds %s, so it gets no column for the actor, who is %s", LOG, self.actor)
            self.actor = None

    def close(self) -> None:
        """Close the steps of this run that were completed in a transaction that was not."""
        with suppress(psycopg.Error):
            self.database.execute(
                f"UPDATE {LOG} SET status = 'failed', finished_at = clock_timestamp(), detail = '{UNDONE}'"
                " WHERE run = $1 AND status = 'started' AND step IS NOT NULL",
                self.run,
            )

    @contextmanager
    def entry(self, step: str | None = None, table: str | None = None) -> Iterator[Entry]:
        """Start a row; the code inside completes it. If it raises, the row becomes failed."""
        logger.info("%s", " ".join(word for word in (self.operation, step and f"· {step}", table) if word))
        known = {
            "migration": MIGRATION, "run": self.run, "operation": self.operation, "step": step, "table_name": table,
            "status": "started", "actor": self.actor,
        }  # fmt: skip
        given = {column: value for column, value in known.items() if value is not None}
        places = ", ".join(f"${place}" for place in range(1, len(given) + 1))
        row = self.database.value(
            f"INSERT INTO {LOG} ({', '.join(given)}) VALUES ({places}) RETURNING id", *given.values()
        )
        try:
            yield Entry(row)
        except BaseException as error:
            with suppress(psycopg.Error):
                self.database.execute(
                    f"UPDATE {LOG} SET status = 'failed', detail = $2, finished_at = clock_timestamp() WHERE id = $1",
                    row, f"{type(error).__name__}: {error}"[:2000],
                )  # fmt: skip
            raise

    @contextmanager
    def done(self, step: str, database: Database) -> Iterator[None]:
        """Log a step that is completed when the code inside comes to its end."""
        with self.entry(step) as entry:
            yield
            entry.complete(database)


def columns(database: Database) -> set[str]:
    """Return the names of the log's columns; none if there is no log."""
    rows = database.rows(
        "SELECT attname::text FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
        LOG,
    )
    return {column for (column,) in rows}


def operations(database: Database, limit: int = 20) -> list[dict[str, object]]:
    """Return the latest operations, newest first; none if there is no log."""
    if not database.exists(LOG):
        return []
    cursor = database.execute(
        "SELECT run, operation, status, started_at::text, finished_at::text, detail, to_jsonb(l) ->> 'actor' AS actor"
        f" FROM {LOG} AS l"
        " WHERE migration = $1 AND step IS NULL ORDER BY id DESC LIMIT $2",
        MIGRATION, limit,
    )  # fmt: skip
    return _dicts(cursor)


def _dicts(cursor: psycopg.Cursor[Any]) -> list[dict[str, Any]]:
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def unfinished(database: Database) -> dict[str, Any] | None:
    """Return the latest operation if its row is still `started`, with the step that it has come to and all steps so far."""
    if not database.exists(LOG):
        return None
    latest = _dicts(
        database.execute(
            "SELECT run, operation, status, started_at::text AS since, to_jsonb(l) ->> 'actor' AS actor"
            f" FROM {LOG} AS l WHERE migration = $1 AND step IS NULL ORDER BY id DESC LIMIT 1",
            MIGRATION,
        )
    )
    if not latest or latest[0].pop("status") != "started":
        return None
    steps = database.rows(
        f"SELECT step, table_name, started_at::text FROM {LOG} WHERE run = $1 AND step IS NOT NULL ORDER BY id",
        latest[0]["run"],
    )
    step, table, since = steps[-1] if steps else (None, None, None)
    return {**latest[0], "step": step, "table": table, "step_since": since, "steps": [[*row[:2]] for row in steps]}


def last_error(database: Database) -> dict[str, Any] | None:
    """Return the latest operation that failed, and the step of it that did; None if none ever failed."""
    if not database.exists(LOG):
        return None
    failed = _dicts(
        database.execute(
            "SELECT o.run, o.operation, s.step, s.table_name AS table, o.finished_at::text AS at, o.detail"
            f" FROM {LOG} AS o LEFT JOIN {LOG} AS s ON s.run = o.run AND s.step IS NOT NULL AND s.status = 'failed'"
            f" AND s.detail IS DISTINCT FROM '{UNDONE}'"
            " WHERE o.migration = $1 AND o.step IS NULL AND o.status = 'failed' ORDER BY o.id DESC, s.id DESC LIMIT 1",
            MIGRATION,
        )
    )
    return failed[0] if failed else None


def counted(database: Database) -> dict[str, int]:
    """Return how many operations there are of each status."""
    if not database.exists(LOG):
        return {"completed": 0, "failed": 0, "started": 0}
    rows = database.rows(
        f"SELECT status, count(*) FROM {LOG} WHERE migration = $1 AND step IS NULL GROUP BY status", MIGRATION
    )
    return {"completed": 0, "failed": 0, "started": 0} | dict(rows)


def run_of_latest_backup(database: Database) -> str | None:
    """Return the run that took, or took over, a backup last, as the log knows it."""
    if not database.exists(LOG):
        return None
    run: str | None = database.value(
        f"SELECT run FROM {LOG} WHERE migration = $1 AND step = 'backup' AND status = 'completed' ORDER BY id DESC LIMIT 1",
        MIGRATION,
    )
    return run


def steps_since_rollback(database: Database) -> set[str]:
    """Return the steps of migrations that were completed after the last completed rollback."""
    if not database.exists(LOG):
        return set()
    rows = database.rows(
        f"SELECT DISTINCT step FROM {LOG}"
        " WHERE migration = $1 AND operation = 'migrate' AND status = 'completed' AND step IS NOT NULL"
        f" AND id > (SELECT coalesce(max(id), 0) FROM {LOG}"
        " WHERE migration = $1 AND operation = 'rollback' AND step IS NULL AND status = 'completed')",
        MIGRATION,
    )
    return {step for (step,) in rows}
