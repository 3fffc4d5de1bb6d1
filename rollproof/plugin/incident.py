"""A phase that was run is an entry of the incident that is open in its report folder."""

from typing import TYPE_CHECKING, Any

import pytest

from rollproof.commands.incidents import happened, of_report
from rollproof.plugin.stash import FILES, RUN

if TYPE_CHECKING:
    from rollproof.plugin.options import Run


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if FILES in config.stash:
        config.pluginmanager.register(Happened(config))


class Happened:
    """Tells of the run when nothing changes its verdict any more."""

    def __init__(self, config: pytest.Config) -> None:
        self._files = config.stash[FILES]
        self._run: Run = config.stash[RUN]

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        report = self._files.report
        if report is None:
            return
        reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        say = reporter.write_line if reporter else lambda _: None
        event = of_report(report, self._files.result, is_rehearsal=self._run.rehearse)
        happened(event, self._run.runs.path, self._run.configured.settings, say)
