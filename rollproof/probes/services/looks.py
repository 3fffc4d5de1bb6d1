"""Services asked side by side: once, or again after the time for which they should be stable."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from rollproof.model.errors import Inconclusive
from rollproof.probes.services.host import Host
from rollproof.probes.services.managers import ask, comes_back
from rollproof.probes.services.status import Status
from rollproof.settings.service import Service, ServiceState
from rollproof.system.background import background
from rollproof.system.deadline import NEVER, Deadline

T = TypeVar("T")

_BETWEEN = 1.0  # seconds between two looks where a manager does not tell of a restart


@dataclass(frozen=True)
class Seen:
    """What was seen of a service: at first, and at last, `seconds` later."""

    first: Status
    last: Status
    seconds: float = 0.0


def look(service: Service) -> Status:
    """Return what the service's manager says of it now. Raises `Inconclusive` if it cannot be asked."""
    return ask(Host(service), service)


def looks(services: Iterable[Service], deadline: Deadline = NEVER) -> Mapping[str, Status | Inconclusive]:
    """Return for each service, by its name, what its manager says of it now, or why it cannot be asked.

    Raises `Misuse` where pytest-testinfra is not installed, and what is no fault of a service.
    """
    return side_by_side(services, look, deadline)


def side_by_side(
    services: Iterable[Service], call: Callable[[Service], T], deadline: Deadline = NEVER
) -> Mapping[str, T | Inconclusive]:
    """Call a function with each service, all at the same time; return its answers by the services' names, or why there is none."""
    asked = {each.name: background(partial(call, each)) for each in services}
    found: dict[str, T | Inconclusive] = {}
    for name, answer in asked.items():
        try:
            found[name] = awaited(answer, deadline)
        except Inconclusive as error:
            found[name] = error
    return found


def awaited(answer: "Future[T]", deadline: Deadline) -> T:
    """Return the answer, which comes in time: each command has its own limit. Raises `Inconclusive` at the `deadline`."""
    wait([answer], None if deadline.left == float("inf") else max(0, deadline.left))
    if not answer.done():
        deadline.require()
    return answer.result()


def watch(service: Service, wanted: ServiceState) -> Seen:
    """Return what is seen of a service for its `stable_seconds`; as soon as it is not as `wanted`, there is no more to see.

    Raises `Inconclusive` if it cannot be asked.
    """
    host = Host(service)
    began = time.monotonic()
    first = last = ask(host, service)
    while last.state == wanted and (left := began + service.stable_seconds - time.monotonic()) > 0:
        time.sleep(left if first.life else min(left, _BETWEEN))
        last = ask(host, service)
    seconds = time.monotonic() - began
    if last.state == wanted == "stopped":
        last = replace(last, comes_back=comes_back(host, service, last))
    return Seen(first, last, seconds)
