"""Print the verdict, then write the files: each under a temporary name and renamed, each on its own."""

import os
from pathlib import Path

import pytest
from _pytest.junitxml import LogXML  # pytest has no public way to write JUnit a moment later

from reports.markdown import summary
from reports.outcomes import Report
from reports.page import page
from reports.result import result
from rollproof.snapshot import replace_file

RENDERED = {"report.html": page, "summary.md": summary, "result.json": result}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    run = config.pluginmanager.get_plugin("rollproof-run")
    if run is None or run.dry_run:
        return
    if not config.option.xmlpath:
        config.option.xmlpath = str(Path(run.settings.report_dir) / "junit.xml")
    config.pluginmanager.register(Files(run, Path(run.settings.report_dir)), "rollproof-files")


class Files:
    """Writes what the outcomes say. The verdict stands before the first byte is written, and no writer changes it."""

    def __init__(self, run, folder: Path) -> None:
        self.run = run
        self.folder = folder
        self.junit = None

    def pytest_report_header(self):
        """Say before the run, not after it, that nothing can be kept."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if os.access(self.folder, os.W_OK):
                return None
            reason = "it is not writable"
        except OSError as error:
            reason = error.strerror
        return f"WARNING: no report will be written to {self.folder}: {reason}; --report-dir names another place"

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        """Take JUnit's writing out of pytest's hands: its failure there would stop every later one."""
        manager = session.config.pluginmanager
        self.junit = next((plugin for plugin in manager.get_plugins() if isinstance(plugin, LogXML)), None)
        if self.junit:
            manager.unregister(self.junit)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter, config):
        report = config.pluginmanager.get_plugin("rollproof-outcomes").report(int(config.rollproof_exitstatus))
        _print(terminalreporter, report)
        for name, render in RENDERED.items():
            self._write(terminalreporter, name, lambda render=render: render(report))
        if self.junit:
            self._write(terminalreporter, Path(self.junit.logfile).name, lambda: self._junit(report))

    def _write(self, terminalreporter, name, render) -> None:
        path = Path(self.junit.logfile) if self.junit and name == Path(self.junit.logfile).name else self.folder / name
        try:
            text = render()
            replace_file(path, text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
            terminalreporter.write_line(f"written: {path}")
        except Exception as error:  # noqa: BLE001 (whatever it is, the next writer gets its turn)
            cause = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            terminalreporter.write_line(self.run.secrets.hide(f"NOT written: {path}: {cause}"), red=True)

    def _junit(self, report: Report) -> bytes:
        for name in ("verdict", "subject", "reference", "phase"):
            self.junit.add_global_property(f"rollproof.{name}", getattr(report, name))
        final = Path(self.junit.logfile)
        self.junit.logfile = str(final.with_name(f".{final.name}.{os.getpid()}"))
        try:
            self.junit.pytest_sessionfinish()
            return Path(self.junit.logfile).read_bytes()
        finally:
            Path(self.junit.logfile).unlink(missing_ok=True)
            self.junit.logfile = str(final)


def _print(terminalreporter, report: Report) -> None:
    counts = {kind: sum(outcome.kind == kind for outcome in report.outcomes) for kind in ("verified", "not restored", "cannot tell", "misuse", "broken", "not checked")}
    good = report.verdict == "VERIFIED"
    terminalreporter.section(f"{report.verdict}: {report.sentence}", green=good, red=not good, bold=True)
    if report.trouble:
        terminalreporter.write_line(report.trouble)
    terminalreporter.write_line(f"subject {report.subject}, reference {report.reference}, phase {report.phase}")
    terminalreporter.write_line(", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "no case was run")
    for reason, names in _not_checked(report).items():
        terminalreporter.write_line(f"not checked: {', '.join(sorted(names))}: {reason}")
    for note in report.notes:
        terminalreporter.write_line(f"note: {note}")


def _not_checked(report: Report) -> dict[str, set[str]]:
    reasons: dict[str, set[str]] = {}
    for outcome in report.outcomes:
        if outcome.kind == "not checked":
            reasons.setdefault(outcome.text, set()).add(outcome.check)
    return reasons
