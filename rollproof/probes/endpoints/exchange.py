"""One request and its answer, under a total deadline whatever the other side does."""

import logging
import threading
import time
from concurrent.futures import Future, wait
from contextlib import closing, suppress
from dataclasses import dataclass
from errno import ETIMEDOUT
from os import strerror
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any

from rollproof.model.failure import NotRestored
from rollproof.model.finding import Finding
from rollproof.model.redaction import without_password
from rollproof.probes.endpoints.answer import BODY_LIMIT, Answer, Heard, read
from rollproof.probes.endpoints.request import prepared, verification
from rollproof.settings.endpoint import Endpoint
from rollproof.system.deadline import NEVER, Deadline

if TYPE_CHECKING:
    from requests import Response
    from requests.adapters import HTTPAdapter

CHECK = "endpoints"
SILENT = "the application is not back: is it started, can it be reached from here, does it wait for the database?"
GRACE = 0.5  # seconds beyond max_seconds until an exchange is broken off: of a slow answer we can still say how slow
_THREAD = "rollproof asks "

for _logger in ("urllib3.connection", "urllib3.connectionpool"):
    # They log whole URLs, query and all, and pytest shows the log of a failed check.
    logging.getLogger(_logger).addFilter(lambda entry: not (entry.threadName or "").startswith(_THREAD))


@dataclass(frozen=True)
class Silence:
    """That no whole answer came, and why.

    `sent` says that a connection was open, so that the other side may have got the request. `final` says that to ask again would
    come to the same: the certificate is at fault.
    """

    endpoint: Endpoint
    reason: str
    sent: bool
    final: bool = False

    def failure(self, after: str = "") -> NotRestored:
        """Return what is to be raised; `after` is what was tried, as the sentence goes on."""
        name = self.endpoint.name
        where = f"endpoint {name!r} ({without_password(self.endpoint.url)})"
        sentence = f"{where} gives no whole answer: {self.reason}{after}"
        return NotRestored((Finding(CHECK, name, "a whole answer", self.reason, sentence),), advice=(SILENT,))


def ask(endpoint: Endpoint, deadline: Deadline = NEVER) -> Answer:
    """Return the answer to one request. Raises `NotRestored` if no whole HTTP answer came, and as `hear` does."""
    heard = hear(endpoint, deadline)
    if isinstance(heard, Silence):
        raise heard.failure()
    return heard.answer


def hear(endpoint: Endpoint, deadline: Deadline = NEVER, token: dict[str, str] | None = None) -> Heard | Silence:
    """Return the answer to one request, or that there was none, at most `max_seconds + GRACE` later whatever the other side does.

    The endpoint is an expanded one; `token` is the header of a login's token. No redirect is followed; the environment's proxies
    and credentials are not used. Raises `Inconclusive` if the `deadline` came first, and `Misuse` if no request can be made of
    the endpoint.
    """
    exchange = _Exchange(endpoint, token)
    # `requests` limits each single wait, never the whole: only another thread can hold it to a deadline.
    threading.Thread(target=exchange.run, name=_THREAD + endpoint.name, daemon=True).start()
    if not wait([exchange.came], max(0, min(exchange.limit, deadline.left))).done:
        late = exchange.break_off()
        deadline.require()
        return late
    return exchange.came.result()


class _Exchange:
    """One request and its answer, held in a thread of its own so that it can be broken off."""

    def __init__(self, endpoint: Endpoint, token: dict[str, str] | None) -> None:
        self.endpoint, self.request = endpoint, prepared(endpoint, token)
        self.limit = endpoint.max_seconds + GRACE
        self.came: Future[Heard | Silence] = Future()
        self.status: int | None = None
        self.connections: list[Any] = []
        self.connected = self.ended = False
        self.turn = threading.Lock()

    def run(self) -> None:
        from requests import RequestException  # noqa: PLC0415 (0.3 s, paid only by those who have endpoints)
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 (the same)

        began = time.monotonic()
        # Each wait may last longer than the whole, so that it is always `hear` that ends a silence.
        how = {"stream": True, "timeout": self.limit + GRACE, **verification(self.endpoint)}
        try:
            with (
                # The adapter alone: a Session obeys proxies and .netrc, and reads a redirect's body to its end.
                closing(_adapter(self)) as http,
                http.send(self.request, **how) as response,
            ):
                self.status = response.status_code
                body = _read(response)
                heard = read(response, self.endpoint, time.monotonic() - began, body)
            self.came.set_result(heard)
        except (RequestException, HTTPError) as error:
            self.came.set_result(Silence(self.endpoint, *_reason(error, sent=self.connected)))
        except BaseException as error:  # noqa: BLE001 (raised again where the answer is waited for)
            self.came.set_exception(error)

    def break_off(self) -> Silence:
        """Wake the thread, so that it ends and closes its connection; return what is to be said."""
        with self.turn:
            self.ended = True
        heard = f"status {self.status} came, but its body did not end" if self.status else "no whole header came"
        for connection in self.connections:
            with suppress(OSError, AttributeError):  # no socket yet, or none any more
                connection.sock.shutdown(SHUT_RDWR)
        why = f"{heard} within {self.limit:g} s (allowed {self.endpoint.max_seconds:g} s)"
        return Silence(self.endpoint, why, self.connected)


def _adapter(exchange: _Exchange) -> "HTTPAdapter":
    """Return requests' HTTP client without a Session, which tells the exchange of each connection that it makes."""
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 (the same)

    class Remembering(HTTPAdapter):
        def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
            pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
            connect = pool.ConnectionCls

            def remembered(**options: Any) -> Any:
                connection = connect(**options)
                exchange.connections.append(connection)
                _notice(connection, exchange)
                return connection

            pool.ConnectionCls = remembered
            return pool

    return Remembering()


def _notice(connection: Any, exchange: _Exchange) -> None:
    """Have the exchange know once a connection is open, handshake and all: from then on bytes may have been sent.

    A connection that opens after the exchange was broken off is given up: what is sent by it might be sent a second time.
    """
    opened = connection.connect

    def connect() -> None:
        opened()
        with exchange.turn:
            exchange.connected = not exchange.ended
        if exchange.ended:
            raise TimeoutError(ETIMEDOUT, strerror(ETIMEDOUT))

    connection.connect = connect


def _read(response: "Response") -> bytes:
    body = b""
    for chunk in response.iter_content(BODY_LIMIT // 16):
        body += chunk
        if len(body) >= BODY_LIMIT:
            break
    return body


def _reason(error: BaseException, *, sent: bool) -> tuple[str, bool, bool]:
    """Return the system's own words for what went wrong, never those of requests, which quote the whole URL.

    Then `sent`, and whether it is about a certificate.
    """
    cause: BaseException | None = error
    while cause is not None:
        if words := getattr(cause, "verify_message", None):
            return str(words), sent, True
        if words := getattr(cause, "strerror", None):
            return str(words), sent, False
        wrapped = next(
            (each for each in cause.args if isinstance(each, OSError)), None
        )  # as urllib3 keeps those of TLS
        innermost, cause = cause, cause.__cause__ or cause.__context__ or wrapped
    return f"the connection ended or the answer is garbled ({type(innermost).__name__})", sent, False
