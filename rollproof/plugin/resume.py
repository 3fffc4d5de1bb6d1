"""What was read is kept in the report folder, so that an interrupted verification can go on where it ended (--resume)."""

import pytest

from rollproof.model.errors import Misuse
from rollproof.rows.scan_cache import FILE, ScanCache


def pytest_configure(config):
    run = config.pluginmanager.get_plugin("rollproof-run")
    if run and not run.look:
        config.pluginmanager.register(Keeper(config, run), "rollproof-keeper")


class Keeper:
    """Begins before anything is read; an end without bad news leaves nothing behind."""

    def __init__(self, config, run) -> None:
        self.config = config
        self.run = run
        self.kept = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self):
        sides = self.config.pluginmanager.get_plugin("rollproof-sides")
        if sides and sides.opened:
            self._begin(sides)
        return (yield)

    def _begin(self, sides):
        file = self.run.runs.own(FILE)
        if file.name == FILE:
            try:
                self.kept = ScanCache(file, resume=self.run.settings.resume)
            except Misuse as error:
                raise pytest.UsageError(self.run.secrets.hide(str(error))) from None
            for side in dict.fromkeys((sides.opened.after, sides.opened.copies, sides.opened.before)):
                side.keep_in(self.kept)
        elif self.run.settings.resume:
            self.run.notes.append(
                f"--resume: nothing was taken over, for another run is at work in {self.run.runs.path}"
            )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus):
        if self.kept:
            self.run.notes += self.kept.notes
            outcomes = self.config.pluginmanager.get_plugin("rollproof-outcomes")
            if outcomes.report(int(exitstatus)).exit_code == 0:
                self.kept.forget()
