"""A session for questions of the user's own on the instant that we read: it cannot write, and nothing of it is left behind."""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import psycopg
from psycopg._queries import PostgresQuery
from psycopg.pq import TransactionStatus

from rollproof.model.errors import Inconclusive
from rollproof.model.names import tokens
from rollproof.server.connection import ANSWER_SECONDS, StatementBatch, connect
from rollproof.server.reader import SnapshotReader
from rollproof.server.sockets import answering, hang_up
from rollproof.server.sqlstates import reason
from rollproof.server.transactions import KINDS, opening, restricts
from rollproof.system.background import Patience

T = TypeVar("T")

IDLE_SECONDS = 3600.0
"""How long a test may work between two questions, waiting for a scan, say; keepalives notice sooner when we are gone."""

_READS = "close copy declare explain fetch move release reset rollback savepoint select set show table values with"
_MAY = "SELECT, WITH, VALUES, TABLE, EXPLAIN, SHOW, SET, COPY … TO STDOUT, savepoints and cursors"
_SAVEPOINT = "rollproof"


def refusal(statement: str) -> str | None:
    """Return why a statement may not be sent; None if all it can do is to read, without leaving the transaction."""
    told = [text.lower() for kind, text in tokens(statement) if kind != "other" and not text.isspace()]
    if not told or told[0] == "(":
        return None
    alone = {"copy": "stdout" in told, "rollback": "to" in told[1:3]}
    if told[0] in _READS.split() and alone.get(told[0], True):
        return None
    return f"`{told[0].upper()}` is refused: this session reads one instant and cannot write. It takes {_MAY}"


class _Reading:
    """What a cursor of such a session does before it sends anything: one statement at a time, and none but those that read."""

    def _execute_send(self, query: PostgresQuery, *, force_extended: bool = False, binary: bool | None = None) -> None:
        del force_extended  # only the extended protocol refuses a second statement behind the first
        if why := refusal(query.query.decode("utf-8", "replace")):
            raise psycopg.NotSupportedError(why)
        super()._execute_send(query, force_extended=True, binary=binary)  # type: ignore[misc]

    def _maybe_prepare_gen(self, pgq: PostgresQuery, **options: Any) -> Generator[Any, Any, Any]:
        """Prepare nothing: behind a pooler that would outlive us."""
        return super()._maybe_prepare_gen(pgq, **options | {"prepare": False})  # type: ignore[misc,no-any-return]


class _Cursor(_Reading, psycopg.Cursor[tuple[Any, ...]]):
    """A cursor as psycopg's own, with `%s` for what is passed."""


class _ServerCursor(_Reading, psycopg.ServerCursor[tuple[Any, ...]]):
    """A cursor with a name, which fetches part by part."""


class InstantConnection(psycopg.Connection[tuple[Any, ...]]):
    """A psycopg connection that stays on its instant: `commit` and `rollback` do not leave it, and whatever else would, ends it."""

    _settled = False

    def settle(self, statements: StatementBatch) -> None:
        """Begin the one transaction of this session."""
        self.execute(statements)
        self.cursor_factory = _Cursor
        self.server_cursor_factory = _ServerCursor
        self._settled = True

    def commit(self) -> None:
        """Keep the instant: there is nothing to write."""

    def rollback(self) -> None:
        """Undo what was set since the beginning, and a failed statement; keep the instant."""
        self.execute(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")

    def wait(self, gen: Generator[Any, Any, T], *arguments: Any, **options: Any) -> T:
        """Have it answered, and hang up if that left the transaction: what follows could write."""
        try:
            return super().wait(gen, *arguments, **options)
        finally:
            if self._settled and self.pgconn.transaction_status == TransactionStatus.IDLE:
                self.close()


@contextmanager
def session_at(view: SnapshotReader) -> Iterator[InstantConnection]:
    """Open a session on the instant of a reader; at the end it is cut off inside its transaction, with all that was set in it.

    Raises `Inconclusive` if none can be had, or if the instant is not the one that was read first.
    """
    view.limits.deadline.require()
    snapshot = view.snapshot
    if view.instants > 1 and not view.limits.several_snapshots:
        raise Inconclusive(
            "the instant at which the database was read is lost, and nobody can look at it any more: run again"
        )
    waiting = Patience(threading.Event(), view.limits.silence, view.limits.deadline, view.tell)
    connection = connect(view.target, waiting=waiting, of=InstantConnection)
    assert isinstance(connection, InstantConnection), "that is what was asked for"
    try:
        _begin(connection, view, snapshot)
        yield connection
    finally:
        hang_up(connection)  # a pooler drops what broke off in a transaction, with every setting and lock
        connection.close()


def _begin(connection: InstantConnection, view: SnapshotReader, snapshot: str) -> None:
    limits = view.limits
    age = limits.max_snapshot_age or IDLE_SECONDS  # the instant is held no longer than that
    limits = replace(limits, statement_timeout=min(limits.statement_timeout, age))
    idle = max(min(IDLE_SECONDS, age, limits.deadline.left), 1)
    statements = opening(connection, limits, snapshot, idle)
    # Who asks by SQL of their own may ask views: nobody put one in the place of a table behind their back.
    free = f"; SET LOCAL {KINDS} = ''".encode() if restricts(connection) else b""
    try:
        with answering(connection, ANSWER_SECONDS):
            connection.settle(StatementBatch(statements + free + f"; SAVEPOINT {_SAVEPOINT}".encode()))
    except psycopg.Error as error:
        raise Inconclusive(f"no session on the instant that is read: {reason(error, view.role)}") from error
