"""The suite's front door: the plugins it is made of, in reading order."""

import pytest

pytest_plugins = (
    "fixtures.leaving",
    "fixtures.options",
    "fixtures.signals",
    "fixtures.verification",
    "fixtures.provenance",
    "fixtures.resume",
    "fixtures.phases",
    "fixtures.migrated",
    "fixtures.rehearsal",
    "fixtures.backup_file",
    "fixtures.postgres",
    "fixtures.bytecode",
    "fixtures.command",
    "reports.outcomes",
    "reports.progress",
    "reports.files",
)


def pytest_configure(config: pytest.Config) -> None:
    """Without one of them a run would say less than it seems to."""
    if missing := [name for name in pytest_plugins if not config.pluginmanager.has_plugin(name)]:
        raise pytest.UsageError(f"-p no:{' -p no:'.join(missing)}: rollproof cannot do without; leave that out")
