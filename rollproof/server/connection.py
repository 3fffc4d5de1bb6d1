"""Connecting to a database by psycopg, or the reason why that is not possible."""

import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self
from urllib.parse import quote

import psycopg
from psycopg import RawCursor
from psycopg._queries import PostgresQuery
from psycopg.abc import Query
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rollproof.model.errors import Crowded, Inconclusive, Misuse
from rollproof.model.printable import one_line
from rollproof.model.redaction import secrets_in
from rollproof.server.sockets import answering, keepalives
from rollproof.system.background import SILENCE, Patience, background, let_go

Connection = psycopg.Connection[tuple[object, ...]]

OLDEST = 140000  # the oldest server whose catalogue we know, as server_version_num
APPLICATION = "rollproof"  # by this name others know our sessions, and we ourselves
CONNECT_SECONDS = 10
ANSWER_SECONDS = 30  # until the first answer; a pooler without a free server connection would keep us for ever
RESTART_SECONDS = 30  # a server that starts is waited for so long

_POOLER = (
    "is it a pooler? each of --jobs sessions and one more need a server connection at the same time: "
    "make its pool larger, lower --jobs, or connect to the server itself"
)
_CROWDED = ("too many connections", "too many clients", "connection slots are reserved")
_STARTING = ("starting up", "shutting down", "not yet accepting connections", "in recovery mode")


@dataclass(frozen=True)
class Target:
    """The connection parameters of a database, as libpq has them. Prints without its password."""

    parameters: dict[str, str] = field(repr=False, hash=False)

    @classmethod
    def parse(cls, url: str) -> "Target":
        """Read a URL as libpq and SQLAlchemy take it. Raises `Misuse`, which does not repeat what it could not read."""
        scheme, mark, rest = url.partition("://")
        account, _, path = rest.partition("/")
        plain = (
            scheme.partition("+")[0] + mark + rest if mark else url
        )  # postgresql+psycopg:// is SQLAlchemy's spelling
        try:
            if (
                account.count("@") > 1 or "@" in path.partition("?")[0]
            ):  # libpq takes the rest of the password for a host
                raise psycopg.ProgrammingError
            return cls({name: str(value) for name, value in conninfo_to_dict(plain).items()})
        except psycopg.Error:
            raise Misuse(
                "the database URL cannot be read (it is not shown: it may hold a password)\n"
                "it looks like postgresql://user:password@host:5432/database; in a password a blank is written %20, "
                "@ %40, : %3A, / %2F, % %25\nor leave the password out and use PGPASSWORD, .pgpass or a service file"
            ) from None  # the cause quotes the password

    def hide(self, text: str) -> str:
        """Return what libpq or a program said about this database without the passwords that it may have used."""
        own = [self.parameters.get(name, "") for name in ("password", "sslpassword", "passfile")]
        return secrets_in([], os.environ, own).hide(text)

    def __str__(self) -> str:
        known = self.parameters
        if "service" in known:
            return one_line(f"service {known['service']}")
        user = f"{known['user']}@" if "user" in known else ""
        port = f":{known['port']}" if "port" in known else ""
        return one_line(f"{user}{known.get('host', 'localhost')}{port}/{known.get('dbname', '')}")

    @property
    def demands(self) -> str:
        """What was demanded of the connection, as the query of a URL: a command without it might connect less safely."""
        known = {} if "service" in self.parameters else self.parameters
        told = "&".join(f"{name}={quote(known[name])}" for name in _DEMANDS if name in known)
        return f"?{told}" if told else ""


_DEMANDS = ("sslmode", "channel_binding", "target_session_attrs")


def with_defaults(target: Target, silence: float = SILENCE) -> dict[str, str]:
    """Return the target's parameters with our defaults (timeouts, keepalives, application_name); the user's own win."""
    return {"connect_timeout": str(CONNECT_SECONDS), **keepalives(silence), **target.parameters}


class _Counts(psycopg.Connection[tuple[object, ...]]):
    """A connection that counts its queries, so that other threads see whether the same one is still running."""

    asked = 0


_Ask = Callable[[], bool]
_Kind = type[Connection]


def _none() -> bool:
    return False


def connect(
    target: Target, *, again: bool = False, waiting: Patience | None = None, others: _Ask = _none, of: _Kind = _Counts
) -> Connection:
    """Open a connection that has answered once, `of` a class.

    A server that is starting is waited for, `RESTART_SECONDS` at most; so is one that refuses us `again`, though it had
    let us in before. Raises `Inconclusive` if the server cannot be reached, refuses us, or is too old, or if `waiting` ends,
    and `Crowded` if there is no room for one more and `others` of ours are in.
    """
    waiting = waiting or Patience()
    end, pause = time.monotonic() + RESTART_SECONDS, 0.1
    while True:
        try:
            return _in_time(target, waiting, of)
        except psycopg.Error as error:
            if _says(error, _CROWDED) and others():
                raise Crowded(f"{target}: {target.hide(_explained(error, target))}") from error
            late = time.monotonic() + pause > end
            if late or not (again or _says(error, _STARTING)) or waiting.stop.wait(min(pause, waiting.deadline.left)):
                raise Inconclusive(f"cannot connect to {target}: {target.hide(_explained(error, target))}") from error
        pause = min(2 * pause, 5)


def _in_time(target: Target, waiting: Patience, of: _Kind) -> Connection:
    """Connect in a background thread: nothing else can end a DNS lookup."""
    opening = background(partial(_connected, target, waiting.silence, of))
    own = target.parameters.get("connect_timeout", "")
    hosts = target.parameters.get("host", "").count(",") + 1  # each is tried for so long
    try:
        return waiting.result(
            opening, str(target), waiting.silence + hosts * (int(own) if own.isdecimal() else CONNECT_SECONDS)
        )
    except BaseException:
        let_go(opening, psycopg.Connection.close)
        raise


class StatementBatch(bytes):
    """Several statements in one round trip (the simple query protocol); never with text that came from a file or a server."""


class _Cursor(RawCursor[tuple[object, ...]]):
    """A cursor for the extended protocol, one statement at a time, with names as bytes.

    Only the extended protocol refuses a second statement, and psycopg uses it for queries with parameters alone. So whatever text
    slipped into a query of ours stays within one statement of a read-only transaction; what ends that transaction cannot follow.
    In an SQL_ASCII database each byte is read, and written, as latin1.
    """

    _send = RawCursor._execute_send  # noqa: SLF001 (missing here, a psycopg that no longer sends by it stops us at once)
    _several = False

    def execute(self, query: Query, *parameters: Any, **options: Any) -> Self:
        self._several = isinstance(query, StatementBatch)
        options |= {"prepare": False} if self._several else {}
        if isinstance(self.connection, _Counts):
            self.connection.asked += 1
        if isinstance(query, bytes) and self.connection.info.encoding == "iso8859-1":
            query = query.decode().encode("latin1")
        return super().execute(query, *parameters, **options)

    def _execute_send(self, query: PostgresQuery, *, force_extended: bool = False, binary: bool | None = None) -> None:
        self._send(query, force_extended=force_extended or not self._several, binary=binary)


def _connected(target: Target, silence: float, of: _Kind) -> Connection:
    connection = of.connect(
        make_conninfo(**({"application_name": APPLICATION} | with_defaults(target, silence))),
        cursor_factory=_Cursor,
        prepare_threshold=None,  # a pooler may give each transaction another server session
        autocommit=True,  # `pinned` begins and ends each transaction
    )
    try:
        with answering(connection, ANSWER_SECONDS):
            connection.execute(b"SELECT 1")
        _require_known(connection, target)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_known(connection: Connection, target: Target) -> None:
    if connection.info.server_version < OLDEST:
        raise Inconclusive(
            f"{target} is PostgreSQL {connection.info.server_version // 10000}; 14 is the oldest we can read"
        )


_NETWORK = "no way leads there from here: another network, a firewall, or a host that is down"
_LOGIN = "put the right one into ~/.pgpass, PGPASSWORD or a service file"
_LATER = "run again when it is up"
_WAYS_OUT = {
    "gave no answer": _POOLER,
    "query_wait_timeout": _POOLER,
    "certificate verify failed": "its certificate has expired, or is not of the authority in sslrootcert, or our clock is wrong",
    "does not match host name": "name the host as its certificate does; hostaddr=ADDRESS beside it says where it is",
    "does not support SSL": "it speaks no TLS: switch ssl on there; a weaker sslmode would read in the clear",
    "too many": "its sessions are all taken, or all that this role may have: lower --jobs, or run again when it is less busy",
    "Connection refused": "no server listens there: is it running, and are host and port right?",
    "No such file or directory": "no server has a socket there: is it running, and are host and port right?",
    "failed to resolve host": "no name server knows that host: is it spelled right, and are you in its network?",
    "timeout expired": _NETWORK,
    "No route to host": _NETWORK,
    "Network is unreachable": _NETWORK,
    "no pg_hba.conf entry": "add a line to pg_hba.conf there that lets this role into this database from here, and reload it",
    "no password supplied": _LOGIN,
    "password authentication failed": _LOGIN,
    "permission denied for database": "GRANT CONNECT ON DATABASE … TO the role",
    "not currently accepting connections": "name another database, or ALTER DATABASE … ALLOW_CONNECTIONS true",
    "starting up": _LATER,
    "shutting down": _LATER,
    "not yet accepting connections": _LATER,
    "role ": "name another role in the URL, or create this one: rollproof doctor says what it needs",
    "database ": "name another one in the URL: psql --list shows them",
}
"""By what a server or libpq says, the first that fits."""
_WHERE = re.compile(r'connection to server (?:at|on socket) "(?P<place>[^"]*)"(?: \([^)]*\))?(?:, port \d+)? failed: ')


def _says(error: psycopg.Error, words: Iterable[str]) -> bool:
    return any(word in str(error) for word in words)


def _explained(error: psycopg.Error, target: Target) -> str:
    """Return what went wrong, without what is said of the target anyway, and the way out where one is known."""
    text = str(error).strip().removeprefix("connection failed: ").replace("[Errno -2] ", "")
    text = _WHERE.sub(lambda found: "" if found["place"] in str(target) else found[0], text)
    told = dict.fromkeys(
        line.strip().removeprefix("FATAL:  ") for line in text.splitlines() if "Is the server" not in line
    )
    way_out = next((way for word, way in _WAYS_OUT.items() if word in text), None)
    return "\n".join([*told, *filter(None, [way_out])])
