"""Supplies of our own tests. The plugin is loaded where rollproof is installed, as everywhere."""

from pathlib import Path

import pytest

CHECKS = Path(__file__).with_name("checks")

# `fixtures` by itself would be pytest's own plugin of that name.
pytest_plugins = (
    "rollproof.plugin",
    "fixtures.postgres",
    "fixtures.fleet",
    "fixtures.bytecode",
    "fixtures.command",
    "fixtures.program",
    "fixtures.environments",
    "fixtures.supervised",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the short name of `--server` for our own tests: they need one where no phase is asked for."""
    parser.addoption("--server", metavar="WHERE", help="the throw-away server of rollproof's own tests")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the bundled checks to a phase, which collects them by itself: they are no tests of ours."""
    of_a_phase = config.pluginmanager.has_plugin("rollproof.plugin.bundled")
    return True if collection_path.is_relative_to(CHECKS) and not of_a_phase else None


def pytest_report_header() -> str:
    """Say which of both this run is."""
    return "rollproof: its own scenarios and tests (to verify a database: pytest -m post_rollback --database-url URL)"
