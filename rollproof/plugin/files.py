"""The report files, written when the last case is done."""

import os
import tempfile
import threading
from collections.abc import Generator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from _pytest.junitxml import LogXML  # pytest has no public way to write JUnit a moment later

from rollproof.model.printable import harmless
from rollproof.plugin.stash import FILES, OUTCOMES, RUN
from rollproof.report.folder import Written
from rollproof.report.formats import Renderer, formats
from rollproof.system.files import replace_file
from rollproof.verdict.outcome import Report


def pytest_configure(config: pytest.Config) -> None:
    run = config.stash[RUN]
    if run.look:
        config.option.xmlpath = None
        return
    typed = getattr(config.option, "xmlpath", None)
    if not typed and hasattr(config.option, "xmlpath"):
        config.option.xmlpath = os.devnull  # so that there is a JUnit report at all; we write it
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
        self.junit: LogXML | None = None
        self.report: Report | None = None  # as it was written
        self.written: list[Written] = []
        self._properties = 0
        self._writing = threading.Lock()

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, Any, Any]:
        """Write the files. JUnit's too: an error in pytest's own writing would stop all later hooks."""
        manager = session.config.pluginmanager
        self.junit = next((plugin for plugin in manager.get_plugins() if isinstance(plugin, LogXML)), None)
        if self.junit:
            self._properties = len(self.junit.global_properties)
            self.junit.logfile = os.devnull  # this hook's call has begun and still reaches it
            manager.unregister(self.junit)
        try:
            return (yield)
        finally:
            if exitstatus != pytest.ExitCode.USAGE_ERROR:
                self.settle(int(exitstatus))

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        if self.junit:
            config.pluginmanager.register(self.junit)  # pytest expects to unregister it itself
        self.run.runs.leave()

    @property
    def _outcomes(self) -> Any:
        return self.config.stash[OUTCOMES]

    def settle(self, exitstatus: int) -> None:
        """Write the files, unless the same verdict was written already; `exitstatus` is pytest's own."""
        with self._writing:
            self.run.notes.extend([note for note in self.run.runs.met() if note not in self.run.notes])
            report = self._outcomes.report(exitstatus)
            if self.report and self.report.verdict == report.verdict:
                return
            self.report, self.written = report, []
            files = dict(self._rendered(report))
            self.written += self.run.runs.publish(report.verdict, files)
            if self.typed and "junit.xml" in files:
                self.written.append(_put(self.typed, files["junit.xml"]))

    def _rendered(self, report: Report) -> Iterator[tuple[str, bytes]]:
        writers: Mapping[str, Renderer] = (
            {**formats(), "junit.xml": partial(self._junit, self.junit)} if self.junit else formats()
        )
        for name, render in writers.items():
            try:
                text = render(report)
            except Exception as error:  # noqa: BLE001 (whatever it is, the next writer gets its turn)
                self.written.append(Written(self.run.runs.path / name, f"{type(error).__name__}: {error}"))
            else:
                yield name, text if isinstance(text, bytes) else text.encode("utf-8", "replace")

    def _junit(self, junit: LogXML, report: Report) -> bytes:
        del junit.global_properties[self._properties :]  # of a report that was written before
        for name in ("verdict", "subject", "reference", "phase", "selection"):
            junit.add_global_property(f"rollproof.{name}", harmless(str(getattr(report, name))))
        for feature in report.not_configured:
            junit.add_global_property("rollproof.not_configured", harmless(str(feature)))
        for name, value in report.provenance.details:
            junit.add_global_property(f"rollproof.{name}", harmless(str(value)))
        with tempfile.TemporaryDirectory() as folder:  # not an open file: Windows lets nobody open it a second time
            junit.logfile = str(Path(folder, "junit.xml"))
            junit.pytest_sessionfinish()
            text = Path(junit.logfile).read_text("utf-8")
        return harmless(self.run.secrets.hide_credentials(text)).encode("utf-8", "backslashreplace")


def _put(path: Path, content: bytes) -> Written:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
    except OSError as error:
        return Written(path, error.strerror or str(error))
    return Written(path)
