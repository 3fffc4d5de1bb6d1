"""Every command of the user's, most often the application's own test suite, ends as the configuration says.

When it fails: the database may be right and the application still does not work on it. The end of the command's output is
shown, and each of its tests that failed, if it writes a JUnit file.

How to mend: run the command by hand in the folder of rollproof.toml and read its output in full. Restart the application
and its connection pooler first: they may hold prepared statements of the migrated tables.

What it cannot see: what these tests do not try; whether they asked this database or another, which is their own matter.
"""

from collections.abc import Callable

import pytest

from rollproof.settings.command import Command

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.endpoints,
    pytest.mark.final,
    pytest.mark.severity("high"),
]


def test_commands(users_command: Command, run_command: Callable[[Command], None]) -> None:
    run_command(users_command)
