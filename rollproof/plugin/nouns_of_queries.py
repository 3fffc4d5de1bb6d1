"""Fixtures of the checks about queries: their plans, look-ups by keys, what they answer."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import pytest

from rollproof.commands.query_plans import key_lookups, named_plans, query_results, told
from rollproof.commands.query_plans import unanalysed as tables_unanalysed
from rollproof.commands.verification import Verification
from rollproof.model.errors import NotChecked
from rollproof.model.query_result import QueryResult
from rollproof.settings.options import Settings
from rollproof.verdict.plan_changes import Plans

T = TypeVar("T")
_Results = Mapping[str, QueryResult]


@pytest.fixture
def recorded_plans(sides: Any) -> Plans:
    """The plans of the [[plans]] queries, as recorded and as they are now."""
    return _planned(sides, named_plans)


@pytest.fixture
def recorded_lookups(sides: Any) -> Plans:
    """The plans of look-ups by keys, as recorded and as they are now."""
    return _planned(sides, key_lookups)


@pytest.fixture
def unanalysed(sides: Any) -> Collection[str]:
    """The tables of which the planner knows too little."""
    return tables_unanalysed(sides.opened)


@pytest.fixture
def recorded_results(sides: Any) -> tuple[_Results, _Results, Mapping[str, str]]:
    """What the [[queries]] answered, what they answer now, and why others cannot be compared."""
    return _asked(sides, query_results)


def _planned(sides: Any, ask: Callable[[Verification, Settings], Plans]) -> Plans:
    found = _asked(sides, ask)
    sides.planned.update(told(found))
    return found


def _asked(sides: Any, ask: Callable[[Verification, Settings], T]) -> T:
    try:
        return ask(sides.opened, sides.settings)
    except NotChecked as error:
        pytest.skip(str(error))
