"""Fixtures of the checks about the application's endpoints: each is asked once, whichever check wants to know."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive
from rollproof.model.failure import NotRestored, Warned
from rollproof.model.phase import Phase
from rollproof.model.snapshot import Facts
from rollproof.probes.endpoints.application import Application
from rollproof.probes.endpoints.recording import ANSWERS, SECONDS, Comparison, Found
from rollproof.probes.endpoints.values import VALUES, unrecorded
from rollproof.settings.endpoint import Endpoint

_KEPT_BY = "a baseline has them that was taken with this configuration"


class Compared(NamedTuple):
    """The endpoints whose answers are compared, and what to ask of each."""

    endpoints: tuple[Endpoint, ...]
    ask: Callable[[Endpoint], Iterator[Found]]


@pytest.fixture(scope="session")
def application(sides: Any) -> Application:
    """The application, by the endpoints that the configuration names."""
    run, endpoints = sides.run, sides.settings.endpoints
    if run.phase.next_step == "rollback":
        endpoints = tuple(each.without_patience for each in endpoints)  # it is stopped, and nobody starts it
    hears = {"keep_secret": run.keep_secret, "tell": run.notes.append}
    return Application(endpoints, sides.environment, run.deadline, **hears)


@pytest.fixture
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """One endpoint of the configuration."""
    of: Endpoint = request.param
    return of


@pytest.fixture
def require_good_answer(sides: Any, application: Application, phase: Phase) -> Callable[[Endpoint], None]:
    """Call it with an endpoint, which then must answer as the configuration says; the reports will tell how long that took.

    Before a rollback, for which applications are stopped, what is wrong is a warning.
    """

    def require(endpoint: Endpoint) -> None:
        try:
            sides.answered[endpoint.name] = application.answer(endpoint.name).answer.seconds
        except NotRestored as error:
            if phase.next_step != "rollback":
                raise
            raise Warned(tuple(replace(each, heals=True) for each in error.findings), advice=error.advice) from None

    return require


@pytest.fixture
def recorded_answers(sides: Any, application: Application) -> Compared:
    """The endpoints whose status and keys the reference has."""
    recorded = _recorded(sides, ANSWERS)
    return _compared(ANSWERS, _known(sides, ANSWERS, recorded), _comparison(sides, application).answer)


@pytest.fixture
def recorded_values(sides: Any, application: Application) -> Compared:
    """The endpoints of whose answers the reference has values."""
    recorded = _recorded(sides, VALUES)
    wanted = tuple(each for each in _asked(sides) if each.values)
    left_out = unrecorded(wanted, recorded)
    _note_left_out(sides, VALUES, left_out)
    known = tuple(each for each in wanted if len(unrecorded([each], recorded)) < len(each.values))
    return _compared(VALUES, known, _comparison(sides, application).values)


@pytest.fixture
def recorded_seconds(sides: Any, application: Application) -> Compared:
    """The endpoints of which the reference has how long they took to answer."""
    recorded = _recorded(sides, SECONDS)
    comparison = _comparison(sides, application)

    def latency(endpoint: Endpoint) -> Iterator[Found]:
        yield from comparison.latency(endpoint)
        if application.calls(endpoint.name):
            sides.answered[endpoint.name] = application.seconds(endpoint.name)

    return _compared(SECONDS, _known(sides, SECONDS, recorded), latency)


def _compared(facet: str, endpoints: tuple[Endpoint, ...], ask: Callable[[Endpoint], Iterator[Found]]) -> Compared:
    """Return what is to be compared. Skips the check if the reference knows none of the endpoints: nothing would be green."""
    if not endpoints:
        pytest.skip(f"the reference has {facet} of none of these endpoints: {_KEPT_BY}")
    return Compared(endpoints, ask)


def _comparison(sides: Any, application: Application) -> Comparison:
    recorded, respelled = sides.opened.before.recorded, sides.run.phase.tables == "migrated"
    return Comparison(application, recorded, show=sides.settings.show_values, respelled=respelled)


def _asked(sides: Any) -> tuple[Endpoint, ...]:
    phase = sides.run.phase
    return tuple(each for each in sides.settings.endpoints if each.asked_in(phase.name))


def _known(sides: Any, facet: str, recorded: Facts) -> tuple[Endpoint, ...]:
    """Return the endpoints that the reference knows; of the others it is told that nothing is compared."""
    asked = _asked(sides)
    _note_left_out(sides, facet, [each.name for each in asked if each.name not in recorded])
    return tuple(each for each in asked if each.name in recorded)


def _note_left_out(sides: Any, facet: str, names: Collection[str]) -> None:
    if names:
        number = counted(len(names), "endpoint" if facet != VALUES else "value")
        sides.run.notes.append(
            f"{facet}: the reference does not have {number}, so nothing is said about {', '.join(names)}: {_KEPT_BY}"
        )


def _recorded(sides: Any, facet: str) -> Facts:
    before = sides.opened.before
    kept: Facts | None = before.recorded.get(facet)
    if why := before.unread(ANSWERS):  # with the answers all is missing that is told of them
        raise Inconclusive(f"the reference has no answers of endpoints: when it was taken, {why}")
    if not kept:
        pytest.skip(f"the reference has no {facet} recorded: {_KEPT_BY}")
    return kept
