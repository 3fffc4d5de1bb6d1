"""What was read is kept in the report folder, so that an interrupted verification can go on where it ended (--resume)."""

import pytest

from rollproof.model.errors import Misuse
from rollproof.plugin.stash import OUTCOMES, RUN, SIDES
from rollproof.rows.scan_cache import FILE, ScanCache


def pytest_configure(config):
    run = config.stash.get(RUN, None)
    if run and not run.look:
        config.pluginmanager.register(Keeper(config, run))


class Keeper:
    """Begins before anything is read; an end without bad news leaves nothing behind."""

    def __init__(self, config, run) -> None:
        self.config = config
        self.run = run
        self.kept = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self):
        sides = self.config.stash.get(SIDES, None)
        if sides and sides.opened:
            self._begin(sides)
        return (yield)

    def _begin(self, sides):
        file = self.run.runs.own(FILE)
        if file.name == FILE:
            try:
                self.kept = ScanCache(file, resume=self.run.configured.settings.resume)
            except Misuse as error:
                raise pytest.UsageError(self.run.secrets.hide(str(error))) from None
            for side in dict.fromkeys((sides.opened.after, sides.opened.copies, sides.opened.before)):
                side.keep_in(self.kept)
        elif self.run.configured.settings.resume:
            self.run.notes.append(
                f"--resume: nothing was taken over, for another run is at work in {self.run.runs.path}"
            )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus):
        if self.kept:
            self.run.notes.extend(self.kept.notes)
            if self.config.stash[OUTCOMES].report(int(exitstatus)).exit_code == 0:
                self.kept.forget()
