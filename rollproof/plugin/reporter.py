"""What a phase prints instead of pytest's sessions, dots and failures; whoever asks for pytest's own output gets it.

It takes the place of pytest's reporter, under its name and with what it knows, so that other plugins find it as they know it.
"""

import re
import sys
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter  # pytest has no public way to print something else

from rollproof.plugin.stash import RUN, SIDES
from rollproof.plugin.words import given
from rollproof.report.terminal import head

_NAME = "terminalreporter"
_RICH = "rich-terminal-reporter"
"""What pytest-rich puts into the place: it does not ask who else has a summary, so the verdict would be shown nowhere."""
_OF_PYTEST = (
    *("setupshow", "setuponly", "setupplan", "collectonly", "showfixtures", "show_fixtures_per_test", "cacheshow"),
    *("usepdb", "trace", "traceconfig", "debug"),
)
"""Options that ask for pytest's output, beside -v."""
_TYPED = {
    "verbose": re.compile(r"-[xlsqh]*v|--verbos"),
    "quiet": re.compile(r"-[xlsvh]*q|--quiet"),
    "tb": re.compile(r"--tb\b"),
    "report": re.compile(r"-[xlsqvh]*r|--report-chars"),
}
"""How words begin that ask for more of pytest's output, or for less of ours."""


def is_typed(config: pytest.Config, name: str) -> bool:
    """Tell whether it was typed: what stands in a project's settings is about its own tests."""
    return any(map(_TYPED[name].match, given(config.invocation_params.args)))


def is_of_pytest(config: pytest.Config) -> bool:
    """Tell whether somebody asked for pytest's own output."""
    option = config.option
    asked = any(getattr(option, name, False) for name in _OF_PYTEST)
    return asked or (option.verbose > 0 and is_typed(config, "verbose"))


def pytest_plugin_registered(plugin: Any, plugin_name: str, manager: Any) -> None:
    """Give the place back that pytest-rich took, whoever of us came first."""
    if plugin_name == _RICH:
        manager.unregister(plugin)
        manager.register(TerminalReporter(plugin.config, sys.stdout), _NAME)
        pytest_configure(plugin.config)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    manager: Any = config.pluginmanager
    replaced = manager.get_plugin(_NAME)
    if replaced is None or isinstance(replaced, PhaseReporter) or is_of_pytest(config):
        return
    manager.unregister(replaced)
    manager.register(PhaseReporter(config, replaced), _NAME)


class PhaseReporter(TerminalReporter):  # type: ignore[misc]  # pytest calls it final, and leaves no other way
    """Prints three lines at the beginning, and leaves the end to `Summary`; of pytest's output only what was asked for."""

    def __init__(self, config: pytest.Config, replaced: Any) -> None:
        super().__init__(config, sys.stdout)
        self._tw = replaced._tw  # noqa: SLF001 (others may have taken it, or changed how it writes)
        self.stats = replaced.stats
        if not is_typed(config, "report"):
            self.reportchars = ""

    @property
    def _is_quiet(self) -> bool:
        return bool(self.config.option.verbose < 0 and is_typed(self.config, "quiet"))

    def write_sep(self, sep: str, title: str | None = None, fullwidth: int | None = None, **markup: bool) -> None:
        """Write a line of signs, but for pytest's own words on why it stopped, which the verdict says."""
        if sep != "!":
            super().write_sep(sep, title, fullwidth, **markup)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Say at once which phase it is: to connect may take a while."""
        self._session = session
        run = self.config.stash[RUN]
        if not self._is_quiet:
            file = f", configured by {run.configured.file}" if run.configured.file else ""
            self.write_line(run.secrets.hide(f"rollproof {run.phase}{file}"), bold=True)
            self.flush()

    def pytest_collection(self) -> None:
        """Say nothing."""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count what could not be collected."""
        if report.failed or report.skipped:
            self.stats.setdefault("error" if report.failed else "skipped", []).append(report)

    def pytest_collection_finish(self, session: pytest.Session) -> None:  # noqa: ARG002 (pytest's signature)
        """Say what is compared with what."""
        sides = self.config.stash[SIDES]
        if sides.plan and not self._is_quiet:
            for line in head(sides.subject, sides.now, sides.held, sides.reference):
                self.write_line(line)
            self.flush()

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Say nothing."""

    def pytest_runtest_logfinish(self) -> None:
        """Say nothing."""

    def pytest_runtestloop(self) -> None:  # type: ignore[override]  # pytest's own only prints, around the loop
        """Say nothing."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count it."""
        told = self.config.hook.pytest_report_teststatus(report=report, config=self.config)
        self.stats.setdefault(told[0], []).append(report)

    def summary_errors(self) -> None:
        """Print errors in pytest's manner, if it was asked for."""
        if self._asks_for_failures:
            super().summary_errors()

    def summary_failures(self) -> None:
        """Print failures in pytest's manner, if it was asked for."""
        if self._asks_for_failures:
            super().summary_failures()

    @property
    def _asks_for_failures(self) -> bool:
        return is_typed(self.config, "tb") and self.config.option.tbstyle not in ("auto", "no")

    def summary_warnings(self) -> None:
        """Print Python's warnings if -r asks for them; else say how many there are."""
        if is_typed(self.config, "report") and "w" in self.config.option.reportchars:
            super().summary_warnings()
        elif (met := self.stats.get("warnings")) and self._already_displayed_warnings is None:
            self._already_displayed_warnings = len(met)
            self.write_line(
                f"Python warned {len(met):,} times: -v tells of what"
                if len(met) > 1
                else "Python warned once: -v tells of what"
            )

    def short_test_summary(self) -> None:
        """Print nothing below the verdict; `Summary` asks for what -r asks for above it."""

    def asked_for(self) -> None:
        """Print the lines that -r asks for."""
        if is_typed(self.config, "report"):
            super().short_test_summary()

    def summary_stats(self) -> None:
        """Say nothing."""

    def _report_keyboardinterrupt(self) -> None:
        if self.config.option.fulltrace:
            super()._report_keyboardinterrupt()
