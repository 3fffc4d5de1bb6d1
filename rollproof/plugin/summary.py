"""The verdict, printed below whatever else a run printed, and which files were written."""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from rollproof.model.plain_text import SHOWN
from rollproof.plugin.reporter import PhaseReporter
from rollproof.plugin.stash import FILES, OUTCOMES, RUN, SUMMARY
from rollproof.report.blocks import Line
from rollproof.report.folder import RUNS
from rollproof.report.terminal import Files, lines, title

if TYPE_CHECKING:
    from rollproof.verdict.outcome import Report


def pytest_configure(config: pytest.Config) -> None:
    run = config.stash[RUN]
    if run.look:
        config.pluginmanager.register(Look())
    else:
        config.stash[SUMMARY] = summary = Summary(run, config)
        config.pluginmanager.register(summary)


class Look:
    """Takes the place of `Summary` in a run that only shows something."""

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line("this was a look: nothing was checked, and no report was written")


class Summary:
    """Prints what `Files` wrote; where pytest prints long failures, the verdict stands above them too."""

    def __init__(self, run: Any, config: pytest.Config) -> None:
        self.run = run
        self.config = config
        self.told: Report | None = None  # as it was printed

    @property
    def _files(self) -> Any:
        return self.config.stash[FILES]

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Say before the run if the report folder cannot be written."""
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter and (problem := self.run.runs.obstacle()):
            reporter.write_line(
                f"WARNING: no report will be written to {self.run.runs.path}: {problem}; --report-dir names another place"
            )

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, Any, Any]:
        """Have `Files` write, which is called within, and print what cannot wait for pytest's failures."""
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        _once(reporter, session.config.stash[OUTCOMES].told_together())
        try:
            return (yield)
        finally:
            if reporter and exitstatus != pytest.ExitCode.USAGE_ERROR:
                self._announce(reporter, exitstatus)

    def _announce(self, reporter: Any, exitstatus: int) -> None:
        """Print the verdict where pytest stops before the summary, and above a long list of failures."""
        if exitstatus == pytest.ExitCode.INTERNAL_ERROR:
            self.tell(reporter)
        if isinstance(reporter, PhaseReporter):
            return
        told = sum(len(reporter.stats.get(kind, ())) for kind in ("failed", "error"))
        if told > SHOWN and (report := self._files.report):
            reporter.ensure_newline()
            reporter.write_line(title(report), red=True, bold=True)
            reporter.reportchars = ""  # a second list of them would push the verdict up again
            reporter.write_line(f"{told:,} failures follow, then this again; the reports are in {self.run.runs.path}")

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        files = self._files
        files.report = files.report or self.config.stash[OUTCOMES].report(int(exitstatus))
        self.tell(terminalreporter)

    def tell(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the verdict, and which files were written."""
        self.told = report = self._files.report
        if report is None:
            return
        if isinstance(terminalreporter, PhaseReporter):
            terminalreporter.asked_for()
        else:
            colour = _COLOURS[report.tone]
            terminalreporter.section(title(report), **dict[str, Any]({"bold": True, colour: True}))
        verbose = not isinstance(terminalreporter, PhaseReporter)
        for line in lines(report, self._written(), verbose=verbose):
            _print(terminalreporter, line)

    def _written(self) -> Files:
        """Return what was written of the newest run, and what could not be."""
        files = self._files.written
        problems = {each.problem for each in files if each.problem}
        good = [each.path for each in files if not each.problem and each.path.parent.name != RUNS]
        page = next((path for path in good if path.suffix == ".html"), next(iter(good), None))
        missing = [f"NOT written: {each.path}: {each.problem}" for each in files if each.problem]
        if len(problems) == 1 and not good:
            missing = [f"NOT written: {self.run.runs.path}: {problems.pop()}"]
        hidden = tuple(map(self.run.secrets.hide, missing))
        return Files(str(page), page.name, missing=hidden) if page else Files(missing=hidden)


def _once(terminalreporter: Any, together: set[str]) -> None:
    """Keep pytest from printing cases one by one that are printed together under a common reason."""
    if terminalreporter and together:
        for each in terminalreporter.stats.get("error", ()):
            if each.nodeid in together:
                each._pdbshown = True  # pytest's own mark of a report that was shown already  # noqa: SLF001
        terminalreporter.reportchars = terminalreporter.reportchars.replace("E", "")


_COLOURS = {"good": "green", "part": "yellow", "bad": "red", "open": "red"}


def _print(terminalreporter: pytest.TerminalReporter, line: Line) -> None:
    markup: dict[str, Any] = {"bold": line.bold} | ({_COLOURS[line.tone]: True} if line.tone else {})
    terminalreporter.ensure_newline()
    terminalreporter.write(line.text[: line.lead], bold=True)
    terminalreporter.line(line.text[line.lead :], **markup)
