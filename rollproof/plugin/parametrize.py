"""Cases of a check: one per table or group of tables, none for a feature that is not configured; and their order."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest

from rollproof.plugin.bundled import is_bundled
from rollproof.plugin.case import id_of, label, scanned_by
from rollproof.plugin.stash import CONFIGURED, NAMED, SIDES
from rollproof.sources.table_groups import TableGroup, table_groups, ungrouped

COSTS = ("dump", "http", "scan", "final")  # marks of what a check waits for; checks without one ask the catalogue alone
ALL_TABLES = TableGroup("each table", frozenset(), ungrouped=True)  # a dry run that has no baseline knows no names
_FIXTURES = frozenset({"group", "tables", "scanned", "copied", "endpoint", "service", "users_command"})
_INDIRECT = frozenset({"endpoint", "service"})
NO_TABLE = pytest.param(None, id="none", marks=pytest.mark.skip(reason="there is no table to ask of"))


def pytest_configure(config: pytest.Config) -> None:
    """Do without hypothesis' plugin where no check of the user's own may need it: it imports all of hypothesis at the end."""
    plugin = config.pluginmanager.get_plugin("hypothesispytest")
    if plugin and not config.stash[NAMED].own:
        config.pluginmanager.unregister(plugin)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise a check by the groups of tables, the endpoints, services or commands that it asks for."""
    asked = _FIXTURES.intersection(metafunc.fixturenames) if is_bundled(metafunc.definition) else ()
    for fixture, of in _parameters(metafunc.config.stash[SIDES]).items() if asked else ():
        if fixture in asked:
            ids = [id_of(label(each) or "none") for each in of] or None
            metafunc.parametrize(fixture, of or (NO_TABLE,), ids=ids, indirect=fixture in _INDIRECT)


def _parameters(sides: Any) -> dict[str, tuple[Any, ...]]:
    phase = sides.run.phase.name
    endpoints = tuple(each for each in sides.settings.endpoints if each.asked_in(phase)) or (None,)
    of_application = {
        "endpoint": endpoints,
        "service": sides.settings.services or (None,),
        "users_command": tuple(each for each in sides.settings.commands if phase in each.phases) or (None,),
    }
    planned = sides.plan and sides.plan.baseline  # there is no plan where somebody merely looks at fixtures
    before = sides.opened.before if sides.opened else planned
    if before is None:
        return {**dict.fromkeys(("group", "tables", "scanned", "copied"), (ALL_TABLES,)), **of_application}
    groups = partial(table_groups, together=bool(sides.plan and sides.plan.request.together))
    return {
        "group": (*groups(before.tables), ungrouped(before.tables)),
        "tables": groups(before.tables),
        "scanned": groups(before.scanned),
        "copied": groups(sides.copied.asked) if sides.copied else (ALL_TABLES,),
        **of_application,
    }


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Drop cases of features that are not configured, and sort the others by cost, whatever order other plugins chose."""
    config = session.config
    if dropped := config.stash[CONFIGURED].drop(session.items):
        config.hook.pytest_deselected(items=dropped)
    doubted = _suspects(config.stash[SIDES], session.items)
    session.items.sort(key=lambda item: (*_cost(item), doubted.isdisjoint(scanned_by(item))))
    config.stash[SIDES].collected(session.items)


def _suspects(sides: Any, items: Iterable[pytest.Item]) -> frozenset[str]:
    """Return the tables that are read first, if rows are read at all."""
    return frozenset(sides.prepared.suspects if sides.prepared and any(map(scanned_by, items)) else ())


def _cost(item: pytest.Item) -> tuple[float, bool]:
    """Return the sort key of a case: its most expensive mark of COSTS, and whether it reads the copies.

    Checks of the user's own may wait for anything, so they come behind all but the final ones, in the order of the user's.
    """
    if not is_bundled(item):
        return len(COSTS) - 0.5, False
    marks = {mark.name for mark in item.iter_markers()}
    return max((place for place, name in enumerate(COSTS, 1) if name in marks), default=0), "backup" in marks
