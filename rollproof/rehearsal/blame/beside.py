"""A connection of ours that shares a session of the tool's, in a pause: what the tool wrote and did not commit is seen by it."""

import secrets
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import RawCursor

from rollproof.rehearsal.proxy.frames import message
from rollproof.server.connection import Connection

_SECONDS = 10  # to begin; it is this very process that answers


class Beside:
    """Lends one session of the server's to a connection of ours, while the tool waits.

    `greeting` is what the server said of itself when the tool's session began: its settings and its key.
    """

    def __init__(self, server: socket.socket, greeting: bytes) -> None:
        self._server = server
        self._greeting = greeting
        self._ours: socket.socket | None = None
        self._connection: Connection | None = None
        self._word = secrets.token_hex(16)  # by which our own connection is known: the session asks nobody who he is

    @contextmanager
    def lent(self, status: bytes) -> Iterator[Connection]:
        """Yield the connection, which must leave the session as it found it; `status` is that of its transaction."""
        wake, woken = socket.socketpair()
        with wake, woken, socket.create_server(("127.0.0.1", 0)) as door:
            passing = threading.Thread(target=self._pass, args=(woken, door, status), daemon=True)
            passing.start()
            try:
                if self._connection is None:
                    self._connection = _connected(door.getsockname()[1], self._word)
                yield self._connection
            finally:
                wake.close()
                passing.join()

    def _pass(self, woken: socket.socket, door: socket.socket, status: bytes) -> None:
        """Pass bytes on in both directions until it is woken; whoever waits for an answer of a lost session hears of that."""
        try:
            ours = self._ours = self._ours or self._greeted(door, status)
            while True:
                ready, _, _ = select.select([woken, ours, self._server], [], [])
                if woken in ready:
                    return
                for one, other in ((ours, self._server), (self._server, ours)):
                    if one in ready:
                        _handed_over(one, other)
        except OSError:
            if self._ours:
                self._ours.close()

    def _greeted(self, door: socket.socket, status: bytes) -> socket.socket:
        door.settimeout(_SECONDS)
        while True:
            ours, _ = door.accept()
            ours.settimeout(_SECONDS)
            if self._word.encode() in ours.recv(1 << 16):  # how it wants to begin, which has been decided
                break
            ours.close()
        ours.settimeout(None)
        ours.sendall(message(b"R", bytes(4)) + self._greeting + message(b"Z", status))
        return ours

    def close(self) -> None:
        """Let go of the connection, not of the session."""
        if self._ours:
            self._ours.close()
        if self._connection:
            self._connection.close()


def _handed_over(one: socket.socket, other: socket.socket) -> None:
    data = one.recv(1 << 16)
    if not data:
        raise ConnectionResetError
    other.sendall(data)


def _connected(port: int, word: str) -> Connection:
    return psycopg.Connection.connect(
        host="127.0.0.1",
        port=port,
        user=word,
        dbname="rollproof",
        sslmode="disable",
        gssencmode="disable",
        connect_timeout=_SECONDS,
        autocommit=True,
        prepare_threshold=None,
        cursor_factory=RawCursor,
    )
