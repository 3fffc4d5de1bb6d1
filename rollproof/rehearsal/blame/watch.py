"""A proxy in which a tool waits after each statement while somebody looks. Any number of sessions, one statement at a time."""

import socket
import ssl
import sys
import threading
import time
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from psycopg.conninfo import conninfo_to_dict

from rollproof.rehearsal.blame.watched import Observer, Watched
from rollproof.rehearsal.proxy.session import Log
from rollproof.rehearsal.proxy.upstream import Upstream

_PATIENCE = 30.0  # seconds for what is being looked at when the tool has ended
_CANCEL, _TLS, _GSS = 80877102, 80877103, 80877104


class Watch:
    """Stands before the server of one database's address, on a loopback port of its own, from `with` to its end."""

    def __init__(self, url: str, observer: Observer) -> None:
        self._known = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
        self._observer = observer
        self._log = Log()
        self._open: list[socket.socket] = []
        self._sessions: list[threading.Thread] = []
        self._door = socket.create_server(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        """The address to give to a tool."""
        return Upstream(self._known).behind("127.0.0.1", self._door.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)  # or who waits for the next session would wait for ever
        self._door.close()
        end = time.monotonic() + _PATIENCE
        for session in self._sessions:
            session.join(max(0.0, end - time.monotonic()))  # the last statement is being looked at
        for line in self._open:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                self._sessions.append(threading.Thread(target=self._serve, args=(client,), daemon=True))
                self._sessions[-1].start()

    def _serve(self, client: socket.socket) -> None:
        with ExitStack() as keep, suppress(OSError):
            keep.enter_context(client)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            request = _first(client)
            server = keep.enter_context(self._server())
            server.sendall(request)
            if int.from_bytes(request[4:8], "big") == _CANCEL:
                return
            self._open += [client, server]
            Watched(client, server, self._log.session(), self._observer).serve()

    def _server(self) -> socket.socket:
        host, port = (
            self._known.get("hostaddr") or self._known.get("host", "localhost"),
            self._known.get("port", "5432"),
        )
        if sys.platform != "win32" and host.startswith("/"):
            made = socket.socket(socket.AF_UNIX)
            made.connect(f"{host}/.s.PGSQL.{port}")
            return made
        made = socket.create_connection((host, int(port)))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._encrypted(made) if self._known.get("sslmode", "prefer") not in ("disable", "allow") else made

    def _encrypted(self, made: socket.socket) -> socket.socket:
        """Encrypt if the server can; whose certificate it is was decided when the copy was made by libpq."""
        made.sendall((8).to_bytes(4, "big") + _TLS.to_bytes(4, "big"))
        if made.recv(1) != b"S":
            return made
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(made)


def _first(client: socket.socket) -> bytes:
    """Return how the tool wants to begin; that there is no encryption on the loopback it is told."""
    while True:
        head = _exactly(client, 8)
        if int.from_bytes(head[4:], "big") not in (_TLS, _GSS):
            return head + _exactly(client, int.from_bytes(head[:4], "big") - 8)
        client.sendall(b"N")


def _exactly(source: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        if not (more := source.recv(length - len(data))):
            raise ConnectionResetError
        data += more
    return data
