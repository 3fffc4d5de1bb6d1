"""Services stopped and started, one after the other, each until its manager says that it is."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rollproof.model.errors import Inconclusive, Misuse, did_you_mean
from rollproof.probes.services.host import Host
from rollproof.probes.services.looks import look, looks
from rollproof.probes.services.managers import ask, tell
from rollproof.probes.services.status import NO_SUCH, State, Status, Verb
from rollproof.settings.service import Service

GOAL: dict[Verb, Literal["running", "stopped"]] = {"start": "running", "stop": "stopped"}
"""What is done → the state that is reached by it."""
_BETWEEN = 0.3  # seconds between two looks


@dataclass(frozen=True)
class Step:
    """What became of one service: whether it is as it should be (None: nobody can say), in how many seconds, and what tells so."""

    service: Service
    done: bool | None
    words: str
    seconds: float


def chosen(services: Sequence[Service], names: Sequence[str]) -> tuple[Service, ...]:
    """Return the services of these names, by default all, in the order of the configuration. Raises `Misuse` for others."""
    if not services:
        raise Misuse("there are no [[services]] in rollproof.toml: name there what is to be stopped and started")
    known = [each.name for each in services]
    if strange := [name for name in names if name not in known]:
        near = did_you_mean(strange[0], known) or f"; the services are: {', '.join(known)}"
        raise Misuse(f"there is no service {strange[0]!r} among the [[services]] of rollproof.toml{near}")
    return tuple(each for each in services if not names or each.name in names)


def in_order(services: Sequence[Service], verb: Verb) -> tuple[Service, ...]:
    """Return them in the order in which they are started, which is that of the configuration, or in the reverse one."""
    return tuple(services if verb == "start" else reversed(services))


def require_known(services: Sequence[Service]) -> None:
    """Raise `Misuse` if a service is unknown to its manager, before any other is touched."""
    found = looks(services)
    strange = [
        f"{each.where} is unknown to its manager: {status.words}"
        for each in services
        if isinstance(status := found[each.name], Status) and status.state == NO_SUCH
    ]
    if strange:
        raise Misuse("\n".join((*strange, "nothing was done; correct `unit`, `manager` or `host` in rollproof.toml")))


def step(service: Service, verb: Verb, patience: float) -> Step:
    """Have a service stopped or started, and return what became of it `patience` seconds later at most."""
    began = time.monotonic()
    done: bool | None
    try:
        status = look(service)
        if status.state == GOAL[verb]:
            done, words = True, f"as it was before: {status.words}"
        else:
            done, words = _taken(service, verb, began + patience)
    except Inconclusive as error:
        done, words = None, str(error).removeprefix(f"{service.where}: ")
    return Step(service, done, words, time.monotonic() - began)


def _taken(service: Service, verb: Verb, until: float) -> tuple[bool, str]:
    """Have it done, and return whether it is by then, with what its manager says of it."""
    host = Host(service)
    answer = ""
    try:
        said = tell(host, service, verb, max(service.max_seconds, until - time.monotonic()))
        answer = f"; to `{verb}` it said: {said.words}" if said.code else ""
    except Inconclusive as error:  # it may be done nevertheless
        answer = f"; {error}"
    status = _settled(host, service, GOAL[verb], until)
    if status.state == GOAL[verb]:
        return True, status.words
    return False, f"{status.words}{answer}"


def _settled(host: Host, service: Service, wanted: State, until: float) -> Status:
    while (status := ask(host, service)).state != wanted and time.monotonic() < until:
        time.sleep(_BETWEEN)
    return status
