"""The endpoints of one run: each is asked once, whoever wants to know, and a login before those that need its token."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from rollproof.model.errors import Inconclusive
from rollproof.model.failure import NotRestored
from rollproof.model.finding import Finding
from rollproof.model.redaction import Secrets, hidden
from rollproof.probes.endpoints.answer import Heard
from rollproof.probes.endpoints.exchange import CHECK, Silence, hear
from rollproof.probes.endpoints.health import require_as_expected
from rollproof.probes.endpoints.request import expand, require_certificates
from rollproof.probes.endpoints.schema import Schema
from rollproof.settings.endpoint import IDEMPOTENT, Endpoint
from rollproof.system.deadline import NEVER, Deadline

Value = TypeVar("Value")

STARTING = frozenset({502, 503, 504})
"""Statuses by which a proxy, or the application itself, says that it is not ready yet."""
ENOUGH = 5.0
"""Seconds of calls of which nobody configured how many they are."""
_PAUSE, _LONGEST_PAUSE = 0.1, 2.0  # seconds between two attempts: each pause is half as long again


def require_askable(endpoints: Iterable[Endpoint], environment: Mapping[str, str]) -> None:
    """Raise `Misuse` if one of them cannot be asked as it is written: a variable, a certificate, a schema."""
    for endpoint in endpoints:
        require_certificates(expand(endpoint, environment))
        if endpoint.schema:
            Schema(endpoint.schema)


@dataclass(frozen=True)
class Tried:
    """What came of one endpoint that was asked once: whether it is as it should be, and if not, why; the seconds of its answer."""

    name: str
    is_login: bool
    good: bool
    seconds: float | None = None
    status: int | None = None
    why: str = ""


def _nobody(_: str) -> None:
    """Nobody wants to hear it."""


class Application:
    """Asks the endpoints of a run, each once; what it came to is remembered, be it an answer or an error.

    `keep_secret` hears each token; `tell` hears that an endpoint had to be waited for. `wait_seconds` of an endpoint count from
    the first question to any: the application is one, and starts once.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        environment: Mapping[str, str],
        deadline: Deadline = NEVER,
        *,
        keep_secret: Callable[[str], object] = _nobody,
        tell: Callable[[str], object] = _nobody,
    ) -> None:
        self._endpoints = {each.name: each for each in endpoints}
        self._environment = environment
        self._deadline = deadline
        self._keep_secret = keep_secret
        self._tell = tell
        self._known: dict[str, Heard | NotRestored | Inconclusive] = {}
        self._seconds: dict[str, list[float]] = {}
        self._schemas: dict[str, Schema] = {}
        self._tokens: set[str] = set()
        self._began: float | None = None

    def answer(self, name: str) -> Heard:
        """Return the answer of an endpoint, which is as the configuration says.

        Raises `NotRestored` with what is wrong with it, `Inconclusive` if that cannot be told.
        """
        if name not in self._known:
            try:
                self._known[name] = self._asked(self._endpoints[name])
            except NotRestored as error:
                self._known[name] = NotRestored(self.hide(error.findings), advice=error.advice)
            except Inconclusive as error:
                self._known[name] = Inconclusive(self.hide(str(error)))
        if isinstance(found := self._known[name], Exception):
            raise found
        return found

    def hide(self, told: Value) -> Value:
        """Return what is told of answers without the tokens of logins, in whatever place an answer repeats one."""
        return hidden(told, Secrets(frozenset(self._tokens)).hide) if self._tokens else told

    def seconds(self, name: str, calls: int = 1) -> float:
        """Return the median of the seconds of so many calls, of which the first is the answer. Raises as `answer` does.

        Where nobody configured how many, there are no more once they took `ENOUGH` seconds together.
        """
        from statistics import median  # noqa: PLC0415 (paid only by those who have endpoints)

        first, endpoint = self.answer(name).answer.seconds, self._endpoints[name]
        taken = self._seconds.setdefault(name, [first])
        while len(taken) < calls and (endpoint.calls or sum(taken) < ENOUGH):
            heard = hear(expand(endpoint, self._environment), self._deadline, self._token_for(endpoint))
            good = self._require_good(endpoint, heard, f", at call {len(taken) + 1} of {calls} (calls = 1 asks once)")
            taken.append(good.answer.seconds)
        return median(taken)

    def calls(self, name: str) -> int:
        """Return how many calls its median is of; 0 if nobody asked for it."""
        return len(self._seconds.get(name, ()))

    def tried(self, name: str) -> Tried:
        """Return what came of an endpoint in few words; nothing is raised but `Misuse`."""
        is_login = self._endpoints[name].is_login
        try:
            answer = self.answer(name).answer
        except NotRestored as error:
            return Tried(name, is_login, good=False, why="; ".join(each.sentence for each in error.findings))
        except Inconclusive as error:
            return Tried(name, is_login, good=False, why=str(error))
        return Tried(name, is_login, good=True, seconds=answer.seconds, status=answer.status)

    def _asked(self, endpoint: Endpoint) -> Heard:
        token = self._token_for(endpoint)
        heard, after = self._patiently(endpoint, token)
        return self._require_good(endpoint, heard, after)

    def _token_for(self, endpoint: Endpoint) -> dict[str, str]:
        """Return the header by which an endpoint is asked as somebody who logged in; nothing if it needs none."""
        if not endpoint.login:
            return {}
        login = self._endpoints[endpoint.login]
        try:
            token = self.answer(login.name).token(login)
        except NotRestored:
            sentence = f"endpoint {endpoint.name!r} was not asked, for its login {login.name!r} failed"
            raise NotRestored((Finding(CHECK, endpoint.name, f"login {login.name}", "no token", sentence),)) from None
        assert token, "a login without a token is none that is as it should be"
        name, value = login.token_header
        return {name: value.replace("{token}", token)}

    def _require_good(self, endpoint: Endpoint, heard: Heard | Silence, after: str) -> Heard:
        if isinstance(heard, Silence):
            raise heard.failure(after)
        if endpoint.is_login and (token := heard.token(endpoint)):
            self._tokens.add(token)
            self._keep_secret(token)
        if endpoint.schema and endpoint.schema not in self._schemas:
            self._schemas[endpoint.schema] = Schema(endpoint.schema)
        schema = self._schemas[endpoint.schema] if endpoint.schema else None
        require_as_expected(expand(endpoint, self._environment), heard, schema, after)
        return heard

    def _patiently(self, endpoint: Endpoint, token: dict[str, str]) -> tuple[Heard | Silence, str]:
        """Return what came in the end, and what was tried, as a sentence goes on; "" if it was asked once."""
        asked, began = expand(endpoint, self._environment), time.monotonic()
        self._began = self._began or began
        attempts, pause = 1, _PAUSE
        heard = hear(asked, self._deadline, token)
        while _may_start(endpoint, heard) and (left := self._began + endpoint.wait_seconds - time.monotonic()) > 0:
            time.sleep(max(0, min(pause, left, self._deadline.left)))
            self._deadline.require()
            attempts, pause = attempts + 1, min(pause * 1.5, _LONGEST_PAUSE)
            heard = hear(asked, self._deadline, token)
        took = time.monotonic() - began
        if attempts > 1 and not _may_start(endpoint, heard):
            self._tell(f"endpoint {endpoint.name!r} answered at attempt {attempts}, after {took:.1f} s")
        tried = f", asked {attempts} times in {took:.1f} s (wait_seconds = {endpoint.wait_seconds:g})"
        return heard, tried if attempts > 1 else ""


def _may_start(endpoint: Endpoint, heard: Heard | Silence) -> bool:
    """Tell whether to ask again may help, and does no harm: what changes something is sent once."""
    if isinstance(heard, Silence):
        return not heard.final and (not heard.sent or endpoint.method in IDEMPOTENT)
    answer = heard.answer
    starting = answer.status in STARTING and answer.status != endpoint.status
    return (starting or answer.seconds > endpoint.max_seconds) and endpoint.method in IDEMPOTENT


def tried_once(
    endpoints: Iterable[Endpoint], environment: Mapping[str, str], phase: str, deadline: Deadline = NEVER
) -> Iterator[Tried]:
    """Yield what came of each endpoint of a phase, each asked once and none waited for; logins anew each time."""
    every = [each.without_patience for each in endpoints]
    application = Application(every, environment, deadline)
    yield from (application.tried(each.name) for each in every if each.asked_in(phase))
