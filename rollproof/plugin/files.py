"""The report files, written when the last case is done."""

import threading
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rollproof.commands.incidents import with_record
from rollproof.plugin.stash import FILES, OUTCOMES, RUN
from rollproof.report.folder import Written
from rollproof.report.formats import Renderer, asked, formats
from rollproof.system.files import replace_file
from rollproof.verdict.outcome import Report
from rollproof.verdict.procedure_items import checklist

RESULT, JUNIT = "result.json", "junit.xml"


def pytest_configure(config: pytest.Config) -> None:
    """Take over `--junitxml`: what pytest would write there knows nothing of a verdict."""
    typed = getattr(config.option, "xmlpath", None)
    config.option.xmlpath = None
    run = config.stash[RUN]
    if not run.look:
        config.stash[FILES] = files = Files(run, config, Path(typed) if typed else None)
        config.pluginmanager.register(files)


class Files:
    """Writes the report files before pytest prints the first failure, so that a long list of failures does not delay them.

    No writer changes the verdict, and none keeps another from its turn. What pytest calls a usage error was no run, and
    leaves every file as it is.
    """

    def __init__(self, run: Any, config: pytest.Config, typed: Path | None) -> None:
        self.run = run
        self.config = config
        self.typed = typed  # where else the JUnit report is wanted
        self.report: Report | None = None  # as it was written
        self.result = b""  # result.json of it, which every run keeps
        self.written: list[Written] = []
        self._writing = threading.Lock()

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> Generator[None, Any, Any]:
        try:
            return (yield)
        finally:
            if exitstatus != pytest.ExitCode.USAGE_ERROR:
                self.settle(int(exitstatus))

    def pytest_unconfigure(self) -> None:
        self.run.runs.leave()

    def settle(self, exitstatus: int) -> None:
        """Write the files, unless the same verdict was written already; `exitstatus` is pytest's own."""
        with self._writing:
            self.run.notes.extend([note for note in self.run.runs.met() if note not in self.run.notes])
            report = self._told(self.config.stash[OUTCOMES].report(exitstatus))
            if self.report and self.report.verdict == report.verdict:
                return
            self.report, self.written = report, []
            wanted = asked(self.run.configured.settings.report)
            files = dict(self._rendered(report, {**wanted, **self._also()}))
            self.result = files.get(RESULT, b"")
            self.written += self.run.runs.publish(report.verdict, files, frozenset(wanted))
            if self.typed and JUNIT in files:
                self.written.append(_put(self.typed, files[JUNIT]))

    def _told(self, report: Report) -> Report:
        """Return the report with what is known beside its cases: the open incident, with this run in it, and the checklist."""
        settings = self.run.configured.settings
        known = with_record(report, self.run.runs.path, settings, is_rehearsal=self.run.rehearse)
        return replace(known, checklist=checklist(known, settings))

    def _also(self) -> Mapping[str, Renderer]:
        """Return the formats that nobody has to ask for: what the history of runs reads, and what `--junitxml` names."""
        return {name: formats()[name] for name in (RESULT, *([JUNIT] if self.typed else []))}

    def _rendered(self, report: Report, writers: Mapping[str, Renderer]) -> Iterator[tuple[str, bytes]]:
        for name, render in writers.items():
            try:
                text = render(report)
            except Exception as error:  # noqa: BLE001 (whatever it is, the next writer gets its turn)
                self.written.append(Written(self.run.runs.path / name, f"{type(error).__name__}: {error}"))
            else:
                yield name, text if isinstance(text, bytes) else text.encode("utf-8", "replace")


def _put(path: Path, content: bytes) -> Written:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
    except OSError as error:
        return Written(path, error.strerror or str(error))
    return Written(path)
