"""One read-only transaction on a snapshot, with every setting pinned that could change a fact.

All is `SET LOCAL`, so it works through a transaction-mode pooler and leaks nothing into it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg

from rollproof.model.defaults import JOBS, LOCK_TIMEOUT, MAX_PAUSE, STATEMENT_TIMEOUT
from rollproof.model.errors import Inconclusive
from rollproof.server.connection import Connection, StatementBatch
from rollproof.server.sockets import server_keepalives
from rollproof.system.background import SILENCE
from rollproof.system.deadline import NEVER, Deadline

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
    "standard_conforming_strings": "on",
    "constraint_exclusion": "off",  # a plan that is held against another shows all that was asked
    "enable_tidscan": "on",  # where somebody switched it off, each part of a scan would read the whole table
    "jit": "off",  # changes no fact: to compile a catalogue question takes longer than to answer it, seconds in all
    "work_mem": "32MB",  # sorts of a large catalogue stay in memory
    "max_parallel_workers_per_gather": "0",  # --jobs is all the load there is
    "client_connection_check_interval": "1s",  # a killed client leaves no query running
}

ALL_AT_ONCE = StatementBatch(
    b"SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL join_collapse_limit = 1"
)
"""For a question that reads whole catalogues: each is read once and hashed, in the order in which the question names them. Of a
catalogue that nobody analysed the planner believes that it is small, would read another one anew for each of its rows, and
begins with the large ones."""
A_FEW_BY_KEY = StatementBatch(
    b"SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off;"
    b" SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
)
"""For a question that is asked in batches: each is found by the indexes, in their order. Otherwise all that are left would be
read and sorted for each batch."""


_SNAPSHOT = re.compile(r"[0-9A-Fa-f-]+")  # as pg_export_snapshot() names one


@dataclass(frozen=True)
class Limits:
    """How long we may wait and read, in seconds, and how many sessions read side by side. None: no such limit.

    `reconnects` is how often a lost snapshot is replaced by a new one; with `several_snapshots` as often as need be, and
    also one that has reached `max_snapshot_age`. Scans wait, `max_pause` in all, while the replicas' lag or the number of
    active sessions is above its limit. Whoever is silent for `silence` seconds is dead, the server for us and we for the
    server; every `heartbeat` seconds the session that holds the snapshot is asked for a sign of life. At the `deadline` all ends.
    Who reads `gentle`ly reads in one session, in small parts, and rests after each.
    """

    lock_timeout: float = LOCK_TIMEOUT
    statement_timeout: float = STATEMENT_TIMEOUT
    jobs: int = JOBS
    max_snapshot_age: float | None = None
    several_snapshots: bool = False
    max_replica_lag: float | None = None
    max_active_sessions: int | None = None
    max_pause: float = MAX_PAUSE
    gentle: bool = False
    reconnects: int = 1
    silence: float = SILENCE
    heartbeat: float = SILENCE / 6
    deadline: Deadline = NEVER
    trust_functions: bool = False


@contextmanager
def pinned(
    connection: Connection, limits: Limits, snapshot: str | None = None, *, idle: float | None = None
) -> Iterator[Connection]:
    """One read-only transaction with everything pinned, on the exported `snapshot` if one is given.

    The server ends the session when it has idled for `idle` seconds (`limits.silence` if none are said): we may be gone.
    """
    try:
        connection.execute(opening(connection, limits, snapshot, idle))
        yield connection
        connection.commit()
    finally:
        with suppress(psycopg.Error):  # the connection may be what was lost
            connection.rollback()


def opening(connection: Connection, limits: Limits, snapshot: str | None, idle: float | None) -> StatementBatch:
    """Return all that comes before a question, in one round trip: with ten thousand tables it is what takes the time."""
    statements = ["BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"]
    if snapshot is not None:
        if not _SNAPSHOT.fullmatch(snapshot):
            raise Inconclusive("the server named its snapshot as no PostgreSQL does")
        statements.append(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
    return StatementBatch("; ".join([*statements, pins(connection, limits, idle, "true")]).encode())


def pinned_for_good(connection: Connection, limits: Limits) -> StatementBatch:
    """Return what pins everything for a whole session, which belongs to us alone, and whose transactions only read."""
    reads = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    return StatementBatch(f"{reads}; {pins(connection, limits, None, 'false')}".encode())


def pins(connection: Connection, limits: Limits, idle: float | None = None, local: str = "true") -> str:
    """Return the statement that pins every setting until the transaction, or the savepoint, ends; for good, if not `local`."""
    left = limits.deadline.left
    settings = (
        _PINNED
        | server_keepalives(limits.silence)
        | {
            "lock_timeout": milliseconds(limits.lock_timeout),
            "statement_timeout": milliseconds(min(limits.statement_timeout, left)),
            "idle_in_transaction_session_timeout": milliseconds(limits.silence if idle is None else idle),
            # Bytes that are not UTF-8 live in SQL_ASCII databases; latin1 carries each of them unharmed.
            "client_encoding": "LATIN1"
            if connection.info.parameter_status("server_encoding") == "SQL_ASCII"
            else "UTF8",
        }
    )
    if connection.info.server_version >= 170000:  # noqa: PLR2004 (the version that brought it)
        settings["transaction_timeout"] = "0" if left == float("inf") else milliseconds(max(left, 0) + 1)
    if restricts(connection):
        settings[KINDS] = "view, foreign-table"
    calls = (f"pg_catalog.set_config('{name}', '{value}', {local})" for name, value in settings.items())
    return f"SELECT {', '.join(calls)}"


KINDS = "restrict_nonsystem_relation_kind"
"""The setting by which a server refuses to read views and foreign tables that are not its own: one that took a table's name while
nobody looked runs nothing."""
_RESTRICTS = {14: 140013, 15: 150008, 16: 160004}  # the minor of each major that brought it; later majors have it


def restricts(connection: Connection) -> bool:
    """Tell whether the server has that setting."""
    version = connection.info.server_version
    return version >= _RESTRICTS.get(version // 10_000, 0)


def milliseconds(seconds: float) -> str:
    """Return seconds as the server's settings take them."""
    return f"{max(1, round(seconds * 1000))}ms"  # 0 would mean no limit


def one(connection: Connection, query: str, parameters: tuple[object, ...] | None = None) -> object:
    """Return the single value of a query that has one."""
    row = connection.execute(query.encode(), parameters).fetchone()
    if row is None:
        raise Inconclusive(f"no answer to: {query}")
    return row[0]


def cluster(connection: Connection) -> str:
    """Return the cluster's identifier; "" where this role may not ask for it, which some providers arrange."""
    if not one(connection, "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')"):
        return ""
    return str(one(connection, "SELECT system_identifier::text FROM pg_catalog.pg_control_system()"))
