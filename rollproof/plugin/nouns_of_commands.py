"""Fixtures of the check that runs the user's own commands."""

from collections.abc import Callable
from typing import Any

import pytest

from rollproof.model.phase import Phase
from rollproof.probes.commands import execute, inherited, require_success, secrets_of_command
from rollproof.settings.command import Command


@pytest.fixture
def run_command(sides: Any, phase: Phase) -> Callable[[Command], None]:
    """Call it with a command: it is run, the reports will tell what its tests came to, and what is wrong with it is raised."""
    folder = sides.run.configured.folder.resolve()

    def run(command: Command) -> None:
        variables = inherited(sides.environment) | {"ROLLPROOF_PHASE": phase.name}
        hide = secrets_of_command(command, sides.environment, sides.run.secrets).hide
        came = execute(command, folder, variables, hide, sides.run.deadline)
        sides.commands.append(came)
        require_success(command, came, folder)
        sides.run.notes.append(came.in_words)

    return run
