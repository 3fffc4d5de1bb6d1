"""One connection with pinned settings, and transactions that lock, retry and give up in time."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql

from .errors import Refused

# They decide how rows and definitions read as text, and what a definition makes when it is run.
PINNED = """
SET search_path = '';
SET client_min_messages = warning;
SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1;
SET bytea_output = 'hex'; SET quote_all_identifiers = off; SET standard_conforming_strings = on;
SET default_tablespace = ''; SET default_table_access_method = 'heap'; SET check_function_bodies = off;
SET row_security = off; -- an error instead of rows that are silently not copied
SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
"""
LOCK_TIMEOUT = 5_000  # milliseconds: as long as others may have to wait behind us
TRIES = 5
PAUSE = 0.5  # seconds before the second try; doubled before each further one


class Database:
    """A connection in autocommit mode: transactions begin and end where the code says so.

    Parameters are $1, $2, … as PostgreSQL itself has them, so that SQL files hold no second kind of escaping.
    """

    def __init__(self, url: str, application_name: str) -> None:
        """Connect and pin the settings; raises `Refused` without the password when that fails."""
        self.connection = _connect(url, application_name)
        self.before_each: Callable[[], None] = lambda: None  # may raise: a place to stop
        self.connection.execute(f"{PINNED} SET lock_timeout = {LOCK_TIMEOUT}")
        with suppress(psycopg.Error):  # not every platform can: a killed client's query then runs on to its end
            self.connection.execute("SET client_connection_check_interval = '1s'")

    def execute(self, statement: str, *parameters: Any) -> psycopg.Cursor[Any]:
        """Run one statement, or several if there are no parameters."""
        self.before_each()
        return self.connection.execute(statement, parameters or None)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return all rows."""
        return self.execute(query, *parameters).fetchall()

    def value(self, query: str, *parameters: Any) -> Any:
        """Return the first column of the first row."""
        row = self.execute(query, *parameters).fetchone()
        return row[0] if row else None

    def exists(self, name: str) -> bool:
        """Tell whether there is a table, a view or a sequence of that name, or a schema if the name has no dot."""
        question = "SELECT to_regclass($1) IS NOT NULL" if "." in name else "SELECT to_regnamespace($1) IS NOT NULL"
        return bool(self.value(question, name))

    @contextmanager
    def transaction(self, mode: str = "") -> Iterator[None]:
        """Commit at the end, or roll back whatever the reason."""
        self.execute(f"BEGIN {mode}")
        with self._ended():
            yield

    @contextmanager
    def _ended(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            with suppress(psycopg.Error):
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    @contextmanager
    def locked(self, tables: Sequence[str], mode: str, pause: Callable[[float], None] = time.sleep) -> Iterator[None]:
        """Hold `tables` ("schema.name", those that exist) in a transaction.

        It waits no longer than lock_timeout at a time, because everybody who comes later waits behind us, and tries again
        a few times; then it raises `Refused` with the names of those in the way.
        """
        for attempt in range(TRIES):
            try:
                self.execute("BEGIN")
                existing = [table for table in tables if self.exists(table)]
                if existing:
                    self.execute(f"LOCK TABLE {', '.join(existing)} IN {mode} MODE")
                break
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                self.connection.execute("ROLLBACK")
                holders = self.holders(tables)
                pause(PAUSE * 2**attempt)
        else:
            raise Refused(f"{', '.join(tables)} could not be locked in {TRIES} tries; in the way: {'; '.join(holders)}")
        with self._ended():
            yield

    def referring(self, tables: Sequence[str]) -> list[str]:
        """Return other tables with foreign keys to `tables`."""
        rows = self.rows(
            "SELECT DISTINCT conrelid::regclass::text FROM pg_catalog.pg_constraint WHERE contype = 'f'"
            " AND confrelid = ANY (SELECT to_regclass(t) FROM unnest($1::text[]) AS t) ORDER BY 1",
            list(tables),
        )
        return [table for (table,) in rows if table not in tables]

    def holders(self, tables: Sequence[str]) -> list[str]:
        """Name the other sessions that hold locks on `tables`."""
        return [
            f"process {pid} ({user}, {name or 'no name'}, {state}: {query})"
            for pid, user, name, state, query in self.rows(
                "WITH ours AS (SELECT to_regclass(t)::oid AS id FROM unnest($1::text[]) AS t)"
                " SELECT DISTINCT a.pid, a.usename::text, a.application_name, a.state, left(a.query, 60)"
                " FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid"
                " WHERE l.granted AND l.pid <> pg_backend_pid() AND l.relation IN (SELECT id FROM ours)"
                " ORDER BY 1",
                list(tables),
            )
        ]


def _connect(url: str, application_name: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(
            url.replace("postgresql+psycopg:", "postgresql:", 1),
            autocommit=True,
            application_name=application_name,
            cursor_factory=psycopg.RawCursor,
            prepare_threshold=None,  # definitions change under us
            connect_timeout=10,
        )
    except psycopg.ProgrammingError:
        # The message of a URL that cannot be read quotes parts of it, the password among them.
        raise Refused("the database URL cannot be read; percent-encode blanks and @ : / in it") from None
    except psycopg.OperationalError as error:
        raise Refused(f"no connection: {error}") from None


def name(*parts: str) -> str:
    """Quote a name and its qualifiers."""
    return sql.Identifier(*parts).as_string()
