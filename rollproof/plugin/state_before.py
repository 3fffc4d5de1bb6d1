"""The state before a rollback is kept when its phase was run; after the rollback it is told what that changed."""

from collections.abc import Generator
from typing import Any

import pytest

from rollproof.commands.kept_state import changed_since, keep_state
from rollproof.plugin.options import Run
from rollproof.plugin.stash import RUN, SIDES
from rollproof.system.signals import SIGNALS


def pytest_configure(config: pytest.Config) -> None:
    run = config.stash[RUN]
    if not (run.look or run.rehearse):
        config.pluginmanager.register(StateBefore(config, run))


class StateBefore:
    """Asks before the sessions are let go of, and before anything is rendered."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self._config = config
        self._run = run

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self) -> Generator[None, Any, Any]:
        """Keep it, or tell, before anybody else ends."""
        self._keep_or_tell()
        return (yield)

    def _keep_or_tell(self) -> None:
        """A narrowed run was about something else, and one that was ended must end."""
        sides: Any = self._config.stash[SIDES]
        if sides.prepared is None or sides.trouble or SIGNALS.number or not sides.all_was_asked:
            return
        folder, phase = self._run.runs.path, self._run.phase
        if phase.next_step == "rollback":
            sides.state_kept = keep_state(sides.prepared, folder, self._say, sides.state_dump)
        elif phase.log == "rollback completed":
            sides.rollback_changes = changed_since(sides.prepared, folder, self._say)

    def _say(self, text: str) -> None:
        self._run.notes.append(self._run.secrets.hide(text))
