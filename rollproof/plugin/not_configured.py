"""Features that are not configured: their checks have no cases, and every report names them once."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from rollproof.migration.backup_age import completed
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.plugin.bundled import is_bundled
from rollproof.plugin.case import check_named
from rollproof.plugin.stash import CONFIGURED, RUN, SIDES
from rollproof.probes.queries.lookups import LOOKUPS
from rollproof.settings.sections import Log
from rollproof.verdict.outcome import NotConfigured

FEATURES = {
    "copies": "backup",
    "log": "log",
    "steps": "steps of the log",
    "application": "endpoints",  # whatever else is asked of it, the first that is missing
    "recorded_values": "values of endpoints",
    "recorded_lookups": "look-ups",
    "recorded_plans": "plans",
    "recorded_results": "queries",
    "rollback_command": "rollback command",
    "state_backup": "state backup",
    "unconvertible": "types",
    "service": "services",
    "users_command": "commands",
}
"""Fixture → the feature that it needs."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CONFIGURED] = Features(config, config.stash[RUN])


class Features:
    """Knows which features are configured; `dropped` are the checks of the others, by feature and reason."""

    def __init__(self, config: pytest.Config, run: Any) -> None:
        self.config = config
        self.run = run
        self.dropped: dict[tuple[str, str], set[str]] = {}
        self._reasons: dict[str, str] = {}

    def drop(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """Remove the cases of features that are not configured from the list, and return them."""
        dropped = []
        for item in items:
            if reason := self.reason(item):
                self.dropped.setdefault(reason, set()).add(check_named(item))
                dropped.append(item)
        items[:] = [item for item in items if item not in dropped]
        return dropped

    @property
    def checks(self) -> frozenset[str]:
        """The selected checks that have no cases."""
        return frozenset().union(*self.dropped.values())

    @property
    def features(self) -> tuple[NotConfigured, ...]:
        """The features that are not configured and that selected checks need."""
        return tuple(
            NotConfigured(feature, tuple(sorted(checks)), why) for (feature, why), checks in self.dropped.items()
        )

    def reason(self, item: pytest.Item) -> tuple[str, str] | None:
        """Return the feature that a case needs and that is not configured, and the reason; None if there is none."""
        if not is_bundled(item):
            return None  # a fixture of the same name is another
        for fixture, feature in FEATURES.items():
            if fixture in getattr(item, "fixturenames", ()) and (why := self._why(feature)):
                return feature, why
        return None

    def _why(self, feature: str) -> str:
        if feature not in self._reasons:
            sides = self.config.stash[SIDES]
            self._reasons[feature] = _REASONS[feature](sides)
        return self._reasons[feature]


def _no_backup(sides: Any) -> str:
    if sides.opened is None or sides.settings.backup or sides.opened.copies.tables:
        return ""
    return f"there is no schema {sides.opened.copies.schema} and no [backup] in rollproof.toml"


def _no_log(sides: Any) -> str:
    if sides.opened is None or sides.settings.log:
        return ""
    log = Log()
    try:
        found = sides.opened.begin_log().result()
    except Misuse as error:
        return f"there is no [log] in rollproof.toml, and {error}"
    except Inconclusive:
        return ""  # the check will say so
    return "" if found.there else f"there is no table {log.table} and no [log] in rollproof.toml"


def _no_steps(sides: Any) -> str:
    if sides.opened is None or sides.settings.log:
        return ""
    with suppress(Inconclusive):  # the check will say so
        if not completed(sides.opened.after.view, Log()):
            return f"no step is completed in {Log().table}, or there is no such log; [log] in rollproof.toml says how to read yours"
    return ""


def _no_lookups(sides: Any) -> str:
    """Return why there is no look-up worth comparing, as far as that is known without asking."""
    wanted = sides.settings.lookups
    if not wanted.tables:
        return "tables = 0 under [lookups] in rollproof.toml"
    if sides.opened is None or sides.opened.before.recorded.get(LOOKUPS) != {}:
        return ""
    return f"no table of the reference had a key and {wanted.rows:,} rows; [lookups] in rollproof.toml says how many"


def _no_endpoints(sides: Any) -> str:
    phase = sides.run.phase.name
    if any(each.asked_in(phase) for each in sides.settings.endpoints):
        return ""
    return (
        f"no [[endpoints]] {f'with {phase} among its `phases` ' if sides.settings.endpoints else ''}in rollproof.toml"
    )


_REASONS: dict[str, Callable[..., str]] = {
    "backup": _no_backup,
    "log": _no_log,
    "steps of the log": _no_steps,
    "endpoints": _no_endpoints,
    "values of endpoints": lambda sides: (
        ""
        if any(each.values for each in sides.settings.endpoints)
        else "no `values` under [[endpoints]] in rollproof.toml"
    ),
    "services": lambda sides: "" if sides.settings.services else "no [[services]] in rollproof.toml",
    "commands": lambda sides: (
        ""
        if any(sides.run.phase.name in each.phases for each in sides.settings.commands)
        else f"no [[commands]] of {sides.run.phase} in rollproof.toml"
    ),
    "look-ups": _no_lookups,
    "plans": lambda sides: "" if sides.settings.plans else "no [[plans]] in rollproof.toml",
    "queries": lambda sides: "" if sides.settings.queries else "no [[queries]] in rollproof.toml",
    "rollback command": lambda sides: (
        ""
        if sides.settings.migration.rollback_command is not None
        else "no rollback_command under [migration] in rollproof.toml"
    ),
    "state backup": lambda sides: "" if sides.settings.state_backup else "no --state-backup DIR",
    "types": lambda sides: (
        ""
        if sides.settings.migration.turns
        else "no types under [migration] in rollproof.toml, so nobody knows what is to become what"
    ),
}
