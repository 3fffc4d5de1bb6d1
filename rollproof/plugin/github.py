"""In GitHub Actions: the verdict and its causes as annotations, and the step's summary, when all else was written."""

import os
from pathlib import Path
from typing import Any

import pytest

from rollproof.plugin.stash import FILES, RUN
from rollproof.plugin.terminal_output import SIGN
from rollproof.verdict.outcome import Report

_OTHERS = "pytest_github_actions_annotate_failures"


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("GITHUB_ACTIONS") == "true" and FILES in config.stash:
        _silence_the_other(config.pluginmanager)
        config.pluginmanager.register(GitHub(config))


def _silence_the_other(manager: Any) -> None:
    """Keep the plugin that annotates each failed test from using up the ten annotations that are shown of a step."""
    for plugin in manager.get_plugins():
        if (getattr(plugin, "__module__", "") or getattr(plugin, "__name__", "")).startswith(_OTHERS):
            manager.unregister(plugin)


class GitHub:
    """Tells the runner what came of a run: once, and last, for a signal may change the verdict until then."""

    def __init__(self, config: pytest.Config) -> None:
        self._files = config.stash[FILES]
        self._hide = config.stash[RUN].secrets.hide_credentials

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        from rollproof.report.github import annotations  # noqa: PLC0415 (it brings jinja2, for which no start waits)

        if report := self._files.report:
            reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
            problem = self._summarise(report, os.environ.get("GITHUB_STEP_SUMMARY", ""))
            if reporter and problem:
                reporter.write_line(f"NOT written: the step's summary: {problem}", red=True)
            for each in annotations(report) if reporter else ():
                reporter.write_line(each.command(SIGN))

    def _summarise(self, report: Report, file: str) -> str:
        """Append the report to the step's summary, where there is one; return why that could not be done, if it could not."""
        from rollproof.report.github import step_summary  # noqa: PLC0415 (the same)

        if not file:
            return ""
        try:
            path = Path(file)
            text = step_summary(report, path.stat().st_size if path.exists() else 0)
            with path.open("a", encoding="utf-8", errors="replace") as summary:
                summary.write(self._hide(text))
        except OSError as error:
            return error.strerror or str(error)
        return "" if text else "it is full"
