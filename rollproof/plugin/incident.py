"""A phase that was run is an entry of the incident that is open in its report folder."""

from typing import TYPE_CHECKING, Any

import pytest

from rollproof.commands.incidents import happened, of_report
from rollproof.plugin.stash import FILES, INCIDENT, RUN

if TYPE_CHECKING:
    from rollproof.plugin.options import Run


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if FILES in config.stash:
        config.stash[INCIDENT] = entered = Happened(config)
        config.pluginmanager.register(entered)


class Happened:
    """Tells of the run when nothing changes its verdict any more."""

    def __init__(self, config: pytest.Config) -> None:
        self._config: Any = config
        self._files = config.stash[FILES]
        self._run: Run = config.stash[RUN]
        self._entered = ""  # the verdict

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        self.enter()

    def enter(self) -> None:
        """Enter the run; once more if a signal made another verdict of it since. What was mistyped was no run."""
        report = self._files.report
        if report is None or not self._files.written or report.verdict == self._entered:
            return
        self._entered = report.verdict
        event = of_report(report, self._files.result, is_rehearsal=self._run.rehearse)
        happened(event, self._run.runs.path, self._run.configured.settings, self._say)

    def _say(self, text: str) -> None:
        if reporter := self._config.pluginmanager.get_plugin("terminalreporter"):
            reporter.write_line(text)
