"""The modules of a run in a phase, registered with pytest."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import pytest

from rollproof.system.garbage import look_seldom

GUARDS = ("terminal_output", "signals")
"""There from the first moment in which something was typed for us: an error about the command line may hold a password."""
PARTS = (
    *("bundled", "options", "run", "not_configured", "parametrize"),
    *("nouns", "nouns_of_preflight", "nouns_of_endpoints", "nouns_of_queries", "nouns_of_migration", "nouns_of_state"),
    *("nouns_of_application", "nouns_of_commands", "own_nouns", "own_waivers"),
    *("resume", "outcomes", "state_before", "progress", "so_far", "files", "reporter", "summary"),
    *("drill", "incident", "metrics", "github"),
)
"""In the order in which pytest calls them where nothing else is said."""


def guard(pluginmanager: Any) -> None:
    """Register what must be there before pytest reads its arguments."""
    _register(pluginmanager, GUARDS)


def begin(config: Any) -> bool:
    """Register all parts, and tell whether a check of the user's own belongs to the run.

    Raises `pytest.UsageError` if a part was blocked: a run would say less than it seems to.
    """
    from rollproof.plugin.own_checks import find  # noqa: PLC0415 (only now is the engine to be imported)

    config.add_cleanup(look_seldom())
    _register(config.pluginmanager, (*GUARDS, *PARTS))
    return find(config)


def _register(pluginmanager: Any, parts: Iterable[str]) -> None:
    names = [f"rollproof.plugin.{part}" for part in parts]
    for name in names:
        if not pluginmanager.has_plugin(name):
            pluginmanager.register(import_module(name), name)  # not by name: pytest would rewrite it for `assert`
    if missing := [name for name in (*names, "python") if not pluginmanager.has_plugin(name)]:
        raise pytest.UsageError(f"-p no:{' -p no:'.join(missing)}: rollproof cannot do without; leave that out")
