"""What was read is kept in the report folder, so that an interrupted verification can go on where it ended (--resume)."""

from collections.abc import Generator
from typing import Any

import pytest

from rollproof.model.errors import Misuse
from rollproof.plugin.stash import OUTCOMES, RUN, SIDES


def pytest_configure(config: pytest.Config) -> None:
    run = config.stash[RUN]
    if not run.look:
        config.pluginmanager.register(Keeper(config, run))


class Keeper:
    """Begins before anything is read; an end without bad news leaves nothing behind."""

    def __init__(self, config: pytest.Config, run: Any) -> None:
        self.config = config
        self.run = run
        self.kept = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        sides = self.config.stash.get(SIDES, None)
        if sides and sides.opened:
            self._begin(sides)
        return (yield)

    def _begin(self, sides: Any) -> None:
        try:
            self.kept = sides.prepared.resumable()
        except Misuse as error:
            raise pytest.UsageError(self.run.secrets.hide(str(error))) from None
        if self.kept is None and self.run.configured.settings.resume:
            self.run.notes.append(
                f"--resume: nothing was taken over, for another run is at work in {self.run.runs.path}"
            )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if self.kept:
            self.run.notes.extend(self.kept.notes)
            if self.config.stash[OUTCOMES].report(int(exitstatus)).exit_code == 0:
                self.kept.forget()
