"""A phase that was run is an entry of the incident that is open in its report folder."""

from typing import TYPE_CHECKING, Any

import pytest

from rollproof.commands.incidents import happened, of_bad_news, of_report
from rollproof.plugin.stash import FILES, INCIDENT, RUN, SIDES

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

    def so_far(self, text: str, seconds: float) -> None:
        """Enter the first bad news of the run, which goes on."""
        run, sides = self._run, self._config.stash[SIDES]
        facts = {"database": sides.subject, "reference": sides.reference}
        event = of_bad_news(run.phase, text, seconds, facts, is_rehearsal=run.rehearse)
        happened(event, run.runs.path, run.configured.settings, sides.tell)

    def _say(self, text: str) -> None:
        if reporter := self._config.pluginmanager.get_plugin("terminalreporter"):
            reporter.write_line(text)
