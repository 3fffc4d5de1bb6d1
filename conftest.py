"""The suite's front door: the plugins it is made of, in reading order."""

import pytest

pytest_plugins = (
    "rollproof.plugin.terminal_output",
    "rollproof.plugin.options",
    "rollproof.plugin.signals",
    "rollproof.plugin.run",
    "rollproof.plugin.not_configured",
    "rollproof.plugin.parametrize",
    "rollproof.plugin.nouns",
    "rollproof.plugin.nouns_of_preflight",
    "rollproof.plugin.nouns_of_migration",
    "rollproof.plugin.resume",
    "fixtures.postgres",
    "fixtures.bytecode",
    "fixtures.command",
    "rollproof.plugin.outcomes",
    "rollproof.plugin.progress",
    "rollproof.plugin.files",
)


def pytest_configure(config: pytest.Config) -> None:
    """Without one of them a run would say less than it seems to."""
    if missing := [name for name in pytest_plugins if not config.pluginmanager.has_plugin(name)]:
        raise pytest.UsageError(f"-p no:{' -p no:'.join(missing)}: rollproof cannot do without; leave that out")
