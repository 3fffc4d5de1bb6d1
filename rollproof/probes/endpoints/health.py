"""Whether an answer is as the configuration says: status, time, keys, JSON Schema, and a login's token."""

from collections.abc import Iterable, Iterator
from textwrap import shorten

from rollproof.model.errors import Inconclusive
from rollproof.model.failure import NotRestored
from rollproof.model.finding import Finding
from rollproof.model.redaction import without_password
from rollproof.probes.endpoints.answer import BODY_LIMIT, Answer, Heard
from rollproof.probes.endpoints.exchange import CHECK
from rollproof.probes.endpoints.schema import Schema
from rollproof.settings.endpoint import Endpoint

UNHEALTHY = "the application is up and does not work as it should on this database; its own log says more"
Fault = tuple[str, str]
"""What was expected, and what was seen instead."""


def require_as_expected(endpoint: Endpoint, heard: Heard, schema: Schema | None = None, after: str = "") -> None:
    """Raise as `require_healthy` does, also for what the schema forbids and for a login without its token.

    `after` is what was tried, as the sentence goes on.
    """
    answer = heard.answer
    more: list[Fault] = []
    if answer.status == endpoint.status and answer.complete:
        if endpoint.is_login and heard.token(endpoint) is None:
            place = f"cookie {endpoint.cookie!r}" if endpoint.cookie else repr(endpoint.token)
            more.append((f"a token as {place}", "none that can be sent in a header"))
        if schema:
            more += ((schema.name, fault) for fault in schema.faults(heard))
    require_healthy(endpoint, answer, more, after)


def require_healthy(endpoint: Endpoint, answer: Answer, more: Iterable[Fault] = (), after: str = "") -> None:
    """Raise `NotRestored` with all that is wrong with an answer, `Inconclusive` if too little of it was read."""
    where = f"endpoint {endpoint.name!r} ({without_password(endpoint.url)})"
    found = tuple(
        Finding(CHECK, endpoint.name, wanted, seen, f"{where}: expected {wanted}, seen {seen}{after}")
        for wanted, seen in (*_faults(endpoint, answer), *more)
    )
    if found:
        raise NotRestored(found, advice=(UNHEALTHY,))
    if not answer.complete:
        raise Inconclusive(
            f"{where} sent {BODY_LIMIT} bytes or more; the rest was not read, so nothing is said about it\n"
            "choose an endpoint with a shorter answer"
        )


def _faults(endpoint: Endpoint, answer: Answer) -> Iterator[Fault]:
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
