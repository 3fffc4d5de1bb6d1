"""GET the application's endpoints, each under a total deadline, and compare the answers with what is expected."""

import json
import logging
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import closing, suppress
from socket import SHUT_RDWR
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import msgspec

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.failure import NotRestored
from rollproof.model.finding import Finding
from rollproof.model.redaction import without_password
from rollproof.settings.endpoint import Endpoint, url_fault
from rollproof.system.deadline import NEVER, Deadline

if TYPE_CHECKING:
    from requests import PreparedRequest, Response
    from requests.adapters import HTTPAdapter

CHECK = "endpoints"
UNHEALTHY = "the application is up and does not work as it should on this database; its own log says more"
SILENT = "the application is not back: is it started, can it be reached from here, does it wait for the database?"
BODY_LIMIT = 2**20  # bytes of a body that are read at most, counted after decompression
GRACE = 0.5  # seconds beyond max_seconds until an exchange is broken off: of a slow answer we can still say how slow
_THREAD = "rollproof asks "
_VARIABLE = re.compile(r"\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\})?")  # of a ${ that begins no ${NAME}, the name is empty

for _logger in ("urllib3.connection", "urllib3.connectionpool"):
    # They log whole URLs, query and all, and pytest shows the log of a failed check.
    logging.getLogger(_logger).addFilter(lambda entry: not (entry.threadName or "").startswith(_THREAD))


class Answer(msgspec.Struct, frozen=True):
    """What an endpoint answered, without any value of it, so that it may be shown and kept.

    `keys` are those of the JSON object, and with dots those of the objects on the way to each required key; None if
    there was no JSON object. `complete` is False if there was more to read than `BODY_LIMIT`. `location_host` is where
    a redirect points.
    """

    status: int
    seconds: float
    media_type: str
    keys: tuple[str, ...] | None
    complete: bool = True
    location_host: str = ""


def expand(endpoint: Endpoint, environment: Mapping[str, str]) -> Endpoint:
    """Return the endpoint with every `${VAR}` in its url and its headers' values taken from the environment.

    Raises `Misuse` if a variable is unset, or empty (as CI hands over a secret it does not have), or does not fit.
    """
    templates = [endpoint.url, *endpoint.headers.values()]
    wanted = {variable for template in templates for variable in _VARIABLE.findall(template)}
    if unset := sorted(f"${{{variable}}}" for variable in wanted if not environment.get(variable)):
        raise Misuse(
            f"endpoint {endpoint.name!r} wants {', '.join(unset)}: not in the environment, or empty there\n"
            "either set it, or take it out of the endpoint's url and headers"
        )
    url, *texts = (_VARIABLE.sub(lambda found: environment[found[1]], template) for template in templates)
    headers = dict(zip(endpoint.headers, texts, strict=True))
    try:
        expanded = msgspec.structs.replace(endpoint, url=url, headers=headers)
    except ValueError as error:
        raise Misuse(f"with its variables filled in, {error}") from None
    _request(expanded)  # so that what cannot be sent is refused now
    return expanded


def ask(endpoint: Endpoint, deadline: Deadline = NEVER) -> Answer:
    """Return the answer to one GET, at most `max_seconds + GRACE` later whatever the other side does.

    The endpoint is an expanded one. No redirect is followed; the environment's proxies and credentials are not used.
    Raises `NotRestored` if no whole HTTP answer came, `Inconclusive` if the `deadline` came first, and `Misuse` if no request
    can be made of the endpoint.
    """
    exchange = _Exchange(endpoint)
    # `requests` limits each single wait, never the whole: only another thread can hold it to a deadline.
    threading.Thread(target=exchange.run, name=_THREAD + endpoint.name, daemon=True).start()
    if not wait([exchange.answer], max(0, min(exchange.limit, deadline.left))).done:
        late = exchange.break_off()
        deadline.require()
        raise late
    return exchange.answer.result()


def require_healthy(endpoint: Endpoint, answer: Answer) -> None:
    """Raise `NotRestored` with all that is wrong with an answer, `Inconclusive` if too little of it was read."""
    where = f"endpoint {endpoint.name!r} ({without_password(endpoint.url)})"
    found = tuple(
        Finding(CHECK, endpoint.name, wanted, seen, f"{where}: expected {wanted}, seen {seen}")
        for wanted, seen in _faults(endpoint, answer)
    )
    if found:
        raise NotRestored(found, advice=(UNHEALTHY,))
    if not answer.complete:
        raise Inconclusive(
            f"{where} sent {BODY_LIMIT} bytes or more; the rest was not read, so nothing is said about it\n"
            "choose an endpoint with a shorter answer"
        )


def _faults(endpoint: Endpoint, answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield what was expected and what was seen instead."""
    missing = sorted(set(endpoint.required_keys).difference(answer.keys or ()))
    if answer.status != endpoint.status:
        where = f" (points to {answer.location_host}, not followed)" if answer.location_host else ""
        yield f"status {endpoint.status}", f"{answer.status}{where}"
    elif missing and answer.complete:
        no_object = f"no JSON object ({answer.media_type or 'of no declared type'})"
        yield f"the keys {_listed(missing)}", no_object if answer.keys is None else _listed(answer.keys)
    if answer.seconds > endpoint.max_seconds:
        yield f"within {endpoint.max_seconds:g} s", f"after {answer.seconds:.3f} s"


def _listed(keys: Iterable[str]) -> str:
    """Return keys as evidence, escaped and cut: they are the other side's text."""
    return shorten(", ".join(map(repr, keys)), 500, placeholder=" …") or "none"


class _Exchange:
    """One request and its answer, held in a thread of its own so that it can be broken off."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint, self.request = endpoint, _request(endpoint)
        self.limit = endpoint.max_seconds + GRACE
        self.answer: Future[Answer] = Future()
        self.status: int | None = None
        self.connections: list[Any] = []

    def run(self) -> None:
        from requests import RequestException  # noqa: PLC0415 (0.3 s, paid only by those who have endpoints)
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 (the same)

        began = time.monotonic()
        try:
            with (
                # The adapter alone: a Session obeys proxies and .netrc, and reads a redirect's body to its end.
                closing(_adapter(self.connections)) as http,
                # Each wait may last longer than the whole, so that it is always `ask` that ends a silence.
                http.send(self.request, stream=True, timeout=self.limit + GRACE) as response,
            ):
                self.status = response.status_code
                answer = _answer(response, began, self.endpoint.required_keys)
            self.answer.set_result(answer)
        except (RequestException, HTTPError) as error:
            self.answer.set_exception(_silent(self.endpoint, _reason(error)))
        except BaseException as error:  # noqa: BLE001 (raised again where the answer is waited for)
            self.answer.set_exception(error)

    def break_off(self) -> NotRestored:
        """Wake the thread, so that it ends and closes its connection; return what is to be said."""
        heard = f"status {self.status} came, but its body did not end" if self.status else "no whole header came"
        for connection in self.connections:
            with suppress(OSError, AttributeError):  # no socket yet, or none any more
                connection.sock.shutdown(SHUT_RDWR)
        return _silent(self.endpoint, f"{heard} within {self.limit:g} s (allowed {self.endpoint.max_seconds:g} s)")


def _adapter(connections: list[Any]) -> "HTTPAdapter":
    """Return requests' HTTP client without a Session, which adds each connection it makes to `connections`."""
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 (the same)

    class Remembering(HTTPAdapter):
        def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
            pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
            connect = pool.ConnectionCls

            def remembered(**options: Any) -> Any:
                connections.append(connect(**options))
                return connections[-1]

            pool.ConnectionCls = remembered
            return pool

    return Remembering()


def _silent(endpoint: Endpoint, reason: str) -> NotRestored:
    where = f"endpoint {endpoint.name!r} ({without_password(endpoint.url)})"
    found = Finding(CHECK, endpoint.name, "a whole answer", reason, f"{where} gives no whole answer: {reason}")
    return NotRestored((found,), advice=(SILENT,))


def _request(endpoint: Endpoint) -> "PreparedRequest":
    from requests import Request  # noqa: PLC0415 (the same)

    try:
        texts = "\n".join(endpoint.headers.values())
        fault = (
            "or a header of it holds a ${VARIABLE} not filled in"
            if any(_VARIABLE.findall(texts))
            else url_fault(endpoint.url)
        )
        if not fault:
            texts.encode("latin-1")  # as HTTP sends them
            return Request("GET", endpoint.url, headers={"User-Agent": "rollproof"} | endpoint.headers).prepare()
    except ValueError:  # every complaint of requests about a URL or a header is one, and quotes it
        fault = "or a header of it cannot be sent"
    raise Misuse(f"endpoint {endpoint.name!r}: its url {fault}")


def _answer(response: "Response", began: float, required_keys: tuple[str, ...]) -> Answer:
    body = b""
    for chunk in response.iter_content(BODY_LIMIT // 16):
        body += chunk
        if len(body) >= BODY_LIMIT:
            break
    seconds, complete = time.monotonic() - began, len(body) < BODY_LIMIT
    media_type = "".join(re.findall(r"^[\w.+-]+/[\w.+-]+", response.headers.get("Content-Type", ""), re.ASCII)).lower()
    location = response.headers.get("Location", "")
    host = "".join(re.findall(r"^(?:\w+:)?//(?:[^/?#]*@)?([\w.:\[\]-]+)", location, re.ASCII))
    keys = _keys(body, required_keys) if complete else None
    return Answer(
        response.status_code, seconds, media_type, keys, complete, host or ("the same host" if location else "")
    )


def _keys(body: bytes, required_keys: tuple[str, ...]) -> tuple[str, ...] | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return None
    found = set(document)
    for key in required_keys:
        place: Any = document
        path = ""
        for step in key.split(".")[:-1]:
            place, path = place.get(step), f"{path}{step}."
            if not isinstance(place, dict):
                break
            found |= {path + inner for inner in place}
    return tuple(sorted(found))


def _reason(error: BaseException) -> str:
    """Return the system's own words for what went wrong, never those of requests, which quote the whole URL."""
    cause: BaseException | None = error
    while cause is not None:
        if words := getattr(cause, "verify_message", None) or getattr(cause, "strerror", None):
            return str(words)
        innermost, cause = cause, cause.__cause__ or cause.__context__
    return f"the connection ended or the answer is garbled ({type(innermost).__name__})"
