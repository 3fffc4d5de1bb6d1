"""Sessions on a database: read-only, of one instant, with every setting that could change a fact pinned.

All is `SET LOCAL` inside one transaction, so it works through a transaction-mode pooler and leaks nothing into it.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

import psycopg
from psycopg import RawCursor
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rollproof.errors import CannotTell, Misuse
from rollproof.snapshot import schema_of, sql_name

T = TypeVar("T")
Connection = psycopg.Connection[tuple[object, ...]]

OLDEST = 140000  # the oldest server whose catalogue we know, as server_version_num
CONNECT_SECONDS = 10
APPLICATION = "rollproof"  # by this name others know our sessions, and we ourselves

# Each of these changes what a value or a definition looks like as text, or which rows are seen.
_PINNED = {
    "search_path": "",
    "row_security": "off",  # a filtered table is then an error (42501), never a smaller table
    "quote_all_identifiers": "off",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",  # 1 to 3 mean shortest exact text
    "bytea_output": "hex",
    "lc_monetary": "C",
    "xmlbinary": "base64",
    "xmloption": "content",
    "array_nulls": "on",
    "idle_in_transaction_session_timeout": "0",  # the session that exports the snapshot is idle on purpose
    "client_connection_check_interval": "1s",  # a killed client leaves no query running
}


@dataclass(frozen=True)
class Limits:
    """How long we may wait: seconds for a lock, seconds for one statement; and how many sessions read side by side."""

    lock_timeout: float = 2.0
    statement_timeout: float = 3600.0
    jobs: int = 2


@dataclass(frozen=True)
class Target:
    """A database, as libpq's parameters. Prints without its password."""

    parameters: dict[str, str] = field(repr=False, hash=False)

    @classmethod
    def parse(cls, url: str) -> "Target":
        """Read a URL as libpq and SQLAlchemy take it. Raises `Misuse`, which does not repeat what it could not read."""
        scheme, mark, rest = url.partition("://")
        plain = (
            scheme.partition("+")[0] + mark + rest if mark else url
        )  # postgresql+psycopg:// is SQLAlchemy's spelling
        try:
            return cls({name: str(value) for name, value in conninfo_to_dict(plain).items()})
        except psycopg.Error:
            raise Misuse(
                "the database URL cannot be read (it is not shown: it may hold a password)\n"
                "it looks like postgresql://user:password@host:5432/database; in a password a blank is written %20, "
                "@ %40, : %3A, / %2F, % %25\nor leave the password out and use PGPASSWORD, .pgpass or a service file"
            ) from None  # the cause quotes the password

    def __str__(self) -> str:
        known = self.parameters
        if "service" in known:
            return f"service {known['service']}"
        user = f"{known['user']}@" if "user" in known else ""
        port = f":{known['port']}" if "port" in known else ""
        return f"{user}{known.get('host', 'localhost')}{port}/{known.get('dbname', '')}"


def connect(target: Target) -> Connection:
    """Open a connection. Raises `CannotTell` if the server cannot be reached, refuses us, or is too old."""
    defaults = {"connect_timeout": str(CONNECT_SECONDS), "application_name": APPLICATION}
    try:
        connection: Connection = psycopg.connect(
            make_conninfo(**(defaults | target.parameters)),
            cursor_factory=RawCursor,
            prepare_threshold=None,  # a pooler may give each transaction another server session
            autocommit=True,  # `pinned` begins and ends each transaction
        )
    except psycopg.Error as error:
        raise CannotTell(f"cannot connect to {target}: {str(error).strip()}") from error
    if connection.info.server_version < OLDEST:
        connection.close()
        raise CannotTell(
            f"{target} is PostgreSQL {connection.info.server_version // 10000}; 14 is the oldest we can read"
        )
    return connection


@contextmanager
def pinned(connection: Connection, limits: Limits, snapshot: str | None = None) -> Iterator[Connection]:
    """One read-only transaction with everything pinned, on the exported `snapshot` if one is given."""
    try:
        connection.execute(_opening(connection, limits, snapshot))
        yield connection
        connection.commit()
    finally:
        with suppress(psycopg.Error):  # the connection may be what was lost
            connection.rollback()


def _opening(connection: Connection, limits: Limits, snapshot: str | None) -> bytes:
    """Return all that comes before a question, in one round trip: with ten thousand tables it is what takes the time."""
    statements = ["BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"]
    if snapshot is not None:
        statements.append(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
    return "; ".join([*statements, _pins(connection, limits)]).encode()


def _pins(connection: Connection, limits: Limits) -> str:
    settings = _PINNED | {
        "lock_timeout": f"{limits.lock_timeout * 1000:.0f}ms",
        "statement_timeout": f"{limits.statement_timeout * 1000:.0f}ms",
        # Bytes that are not UTF-8 live in SQL_ASCII databases; latin1 carries each of them unharmed.
        "client_encoding": "LATIN1" if connection.info.parameter_status("server_encoding") == "SQL_ASCII" else "UTF8",
    }
    if connection.info.server_version >= 170000:  # noqa: PLR2004 (the version that brought it)
        settings["transaction_timeout"] = "0"
    calls = (f"pg_catalog.set_config('{name}', '{value}', true)" for name, value in settings.items())
    return f"SELECT {', '.join(calls)}"


class View:
    """One instant of a database, read by several sessions side by side.

    One session exports its snapshot and idles, holding one lock; the workers import it, and each question they are asked
    is one transaction, so the locks of a question are gone when it is answered.
    """

    def __init__(self, target: Target, limits: Limits) -> None:
        self.target = target
        self.limits = limits
        self._exporter = connect(target)
        self._pinned = pinned(self._exporter, limits)
        self._pinned.__enter__()
        self.snapshot = str(one(self._exporter, "SELECT pg_catalog.pg_export_snapshot()"))
        self.version = self._exporter.info.server_version
        self.role = self._exporter.info.user
        self._workers = ThreadPoolExecutor(limits.jobs, thread_name_prefix="rollproof")
        self._mine = threading.local()
        self._opened: list[Connection] = []
        self._at_close: list[Callable[[], None]] = []

    @property
    def processes(self) -> tuple[int, ...]:
        """The server's processes that work for us; behind a pooler these numbers mean nothing."""
        return tuple(connection.info.backend_pid for connection in [*self._opened, self._exporter])

    @property
    def encrypted(self) -> bool:
        """Whether the session speaks TLS."""
        return bool(self._exporter.pgconn.ssl_in_use)

    def at_close(self, let_go: Callable[[], None]) -> None:
        """Have `let_go` called when the instant is let go, before the sessions are."""
        self._at_close.append(let_go)

    def submit(self, ask: Callable[[Connection], T]) -> "Future[T]":
        """Have a worker ask in a transaction of its own; the future raises `CannotTell` if the server refused."""
        return self._workers.submit(self._ask, ask)

    def ask(self, ask: Callable[[Connection], T]) -> T:
        """The same, and wait for the answer."""
        return self.submit(ask).result()

    def _ask(self, ask: Callable[[Connection], T]) -> T:
        try:
            with pinned(self._connection(), self.limits, self.snapshot) as connection:
                return ask(connection)
        except psycopg.Error as error:
            raise CannotTell(reason(error, self.role)) from error

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._mine, "connection", None)
        if connection is None or connection.closed:
            connection = self._mine.connection = connect(self.target)
            self._opened.append(connection)
        return connection

    def close(self) -> None:
        """Cancel what runs, drop what waits, and let the instant go."""
        for let_go in self._at_close:
            let_go()
        self._workers.shutdown(wait=False, cancel_futures=True)
        for connection in self._opened:
            with suppress(psycopg.Error):
                connection.cancel_safe()
        self._workers.shutdown(wait=True)
        for connection in [*self._opened, self._exporter]:
            connection.close()


def one(connection: Connection, query: str, parameters: tuple[object, ...] | None = None) -> object:
    """Return the single value of a query that has one."""
    row = connection.execute(query.encode(), parameters).fetchone()
    if row is None:
        raise CannotTell(f"no answer to: {query}")
    return row[0]


_REASONS = {
    "55P03": "another session holds a lock on it ({message}); try again when it is done, or raise --lock-timeout",
    "57014": "the query was given up ({message}); raise --statement-timeout, or run when the server is less busy",
    "42704": "the instant being read was lost with its session ({message}); run again",
    "40001": "the standby had to cancel the query ({message}); set hot_standby_feedback, or verify the primary",
    "53200": "the server is out of lock memory ({message}); stop other work or raise max_locks_per_transaction",
}


def reason(error: psycopg.Error, role: str, table: str | None = None) -> str:
    """Return what the server's refusal means and what to do about it; `table` is quoted and qualified."""
    message = str(error.diag.message_primary or error).strip()
    if error.sqlstate == "42501":
        return f"{message}\n{_grant(message, role, table)}"
    return _REASONS.get(error.sqlstate or "", "the server failed: {message}").format(message=message)


def _grant(message: str, role: str, table: str | None) -> str:
    role = sql_name(role)
    if "row-level security" in message:
        return f"its rows are hidden from {role}: ALTER ROLE {role} BYPASSRLS, or use a superuser"
    if table is None:
        return f"GRANT pg_read_all_data TO {role}"
    return f"GRANT USAGE ON SCHEMA {schema_of(table)} TO {role}; GRANT SELECT ON {table} TO {role}"
