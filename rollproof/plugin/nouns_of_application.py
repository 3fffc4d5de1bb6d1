"""Fixtures of the checks about the application: its services."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import pytest

from rollproof.model.errors import NotChecked
from rollproof.model.finding import Finding
from rollproof.model.phase import Phase
from rollproof.settings.service import Service
from rollproof.system.background import background


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Service:
    """One service of the configuration."""
    one: Service = request.param
    return one


@pytest.fixture(scope="session")
def _watched(sides: Any) -> Any:
    """What is seen of each service, by its name, as futures: all are watched at the same time, since some should be stable."""
    from rollproof.probes.services.looks import watch  # noqa: PLC0415 (most runs have no services)

    name = sides.run.phase.name
    return {
        each.name: background(partial(watch, each, each.wanted(name)))
        for each in sides.settings.services
        if each.wanted(name) != "any"
    }


@pytest.fixture
def seen_of(sides: Any, phase: Phase, _watched: Any) -> Callable[[Service], Iterable[Finding]]:
    """Call it with a service: findings about its state, which is not asked where the phase wants none."""
    from rollproof.probes.services.judged import findings, note  # noqa: PLC0415 (the same)
    from rollproof.probes.services.looks import awaited  # noqa: PLC0415 (the same)

    def seen(service: Service) -> Iterator[Finding]:
        wanted = service.wanted(phase.name)
        if wanted == "any":
            raise NotChecked(f"{service.where}: `states` says that any state will do in {phase}")
        seen = awaited(_watched[service.name], sides.run.deadline)
        found = [*findings(service, wanted, seen)]
        if not found:
            sides.run.notes.append(note(service, seen))
        yield from found

    return seen
