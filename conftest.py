"""Supplies of our own tests. The plugin is loaded where rollproof is installed, as everywhere."""

# `fixtures` by itself would be pytest's own plugin of that name.
pytest_plugins = ("rollproof.plugin", "fixtures.postgres", "fixtures.bytecode", "fixtures.command")


def pytest_report_header() -> str:
    """Say which of both this run is."""
    return "rollproof: its own scenarios and tests (to verify a database: pytest -m post_rollback --database-url URL)"
