"""Fixtures for checks of the user's own: both sides, a session for their SQL, and the waivers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import psycopg
import pytest

from rollproof.model.finding import Finding
from rollproof.model.names import typed
from rollproof.plugin.case import check_named
from rollproof.plugin.stash import SIDES
from rollproof.sources.moment import Moment, differing
from rollproof.verdict.expect import Expect
from rollproof.verdict.waivers import Waivers


@pytest.fixture(scope="session")
def before(pytestconfig: pytest.Config) -> Moment:
    """The reference, as the database was before: `.tables`, `.facts(facet)`, `.row_count(table)`, `.name`."""
    sides = pytestconfig.stash[SIDES]
    return Moment(sides.opened.before, None, str(sides.run.deadline))


@pytest.fixture(scope="session")
def after(pytestconfig: pytest.Config) -> Moment:
    """The database under verification, as it is now: the same as `before`."""
    return _now(pytestconfig)


def _now(config: pytest.Config) -> Moment:
    sides = config.stash[SIDES]
    return Moment(sides.opened.after, sides.opened.before, str(sides.run.deadline))


@pytest.fixture
def subject(pytestconfig: pytest.Config) -> Iterator[psycopg.Connection[Any]]:
    """A psycopg connection to the database on the instant of `after`: read-only, and gone when the test is over."""
    with _now(pytestconfig).session() as connection:
        yield connection


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Say what differs where a test asserts that all facts of a facet are the same."""
    differences = differing(left, right) if op == "==" else ()
    return [f"{left} == {right}: {len(differences):,} differ", *differences] if differences else None


class Accepted:
    """Call it with an identity: whether a waiver of `rollproof.toml` accepts that for this check. A waiver asked for is used."""

    def __init__(self, check: str, waivers: Waivers) -> None:
        self._check = check
        self._waivers = waivers

    def __call__(self, identity: str) -> bool:
        return not self._waivers.accept([Finding(self._check, typed(identity), sentence=identity)])


@pytest.fixture
def accepted(request: pytest.FixtureRequest) -> Accepted:
    """The waivers for this check: `accepted(identity)` tells whether one accepts that."""
    return Accepted(check_named(request.node), request.config.stash[SIDES].opened.accepted)


class Expected:
    """What a check expects: `nothing(…)` of all that it found, each of which a waiver may accept."""

    def __init__(self, check: str, expect: Expect) -> None:
        self._check = check
        self._expect = expect

    def nothing(self, found: Mapping[str, str] | Iterable[str]) -> None:
        """Expect that nothing was found: identities, or identity → a sentence about it.

        Raises `NotRestored` with all that no waiver accepts.
        """
        told = found if isinstance(found, Mapping) else {each: each for each in found}
        self._expect.nothing(
            Finding(self._check, typed(str(identity)), sentence=str(sentence) or str(identity))
            for identity, sentence in told.items()
        )

    def restored(self, facet: str) -> None:
        """Expect that a facet is as it was, as its bundled check does; differences are told under this check's name."""
        self._expect.restored(facet)


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Expected:
    """The expectations of this check: `expect.nothing({identity: sentence})`."""
    sides: Any = request.config.stash[SIDES]
    check, opened = check_named(request.node), sides.opened
    shared = Expect(
        check, opened.before, opened.after, opened.accepted, str(sides.run.deadline), lambda: opened.repairs
    )
    return Expected(check, shared)
