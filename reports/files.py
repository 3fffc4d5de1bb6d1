"""Print the verdict, then write the files: each under a temporary name and renamed, each on its own."""

import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from _pytest.junitxml import LogXML  # pytest has no public way to write JUnit a moment later

from reports.markdown import summary
from reports.page import page
from reports.reasons import reasons
from reports.result import result
from reports.verdicts import KINDS, PARTLY, Report
from rollproof.printable import harmless
from rollproof.snapshot import replace_file

ENTRIES = 10  # of each list of a recommendation
WARNINGS = 20  # cases
_PRINTED = ("verified", *(kind for kind in reversed(KINDS) if kind not in ("verified", "not checked")), "not checked")
RENDERED = {"report.html": page, "summary.md": summary, "result.json": result}


def pytest_configure(config):
    run = config.pluginmanager.get_plugin("rollproof-run")
    if run is None or run.dry_run:
        return
    if not getattr(config.option, "xmlpath", True):
        config.option.xmlpath = str(Path(run.settings.report_dir) / "junit.xml")
    config.pluginmanager.register(Files(run, Path(run.settings.report_dir)), "rollproof-files")


class Files:
    """Writes what the outcomes say. The verdict stands before the first byte is written, and no writer changes it."""

    def __init__(self, run, folder: Path) -> None:
        self.run = run
        self.folder = folder
        self.junit = None
        self.junit_file = folder / "junit.xml"

        self.problem = _make(folder)

    def pytest_sessionstart(self, session):
        """Say before the run, not after it, that nothing can be kept."""
        if self.problem:
            reporter = session.config.pluginmanager.get_plugin("terminalreporter")
            reporter.write_line(
                f"WARNING: no report will be written to {self.folder}: {self.problem}; --report-dir names another place"
            )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        """Take JUnit's writing out of pytest's hands: its failure there would stop every later hook."""
        manager = session.config.pluginmanager
        _once(manager.get_plugin("terminalreporter"), manager.get_plugin("rollproof-outcomes").told_together())
        self.junit = next((plugin for plugin in manager.get_plugins() if isinstance(plugin, LogXML)), None)
        if self.junit:
            self.junit_file = Path(self.junit.logfile)
            self.junit.logfile = os.devnull  # this hook's call has begun and still reaches it
            manager.unregister(self.junit)

    def pytest_unconfigure(self, config):
        if self.junit:
            config.pluginmanager.register(self.junit)  # pytest expects to unregister it itself

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter, exitstatus, config):
        report = config.pluginmanager.get_plugin("rollproof-outcomes").report(int(exitstatus))
        _print(terminalreporter, report)
        for name, render in RENDERED.items():
            self._write(terminalreporter, self.folder / name, lambda render=render: render(report))
        if self.junit:
            self._write(terminalreporter, self.junit_file, lambda: self._junit(report))

    def _write(self, terminalreporter, path, render) -> None:
        try:
            text = render()
            replace_file(path, text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
            terminalreporter.write_line(f"written: {path}")
        except Exception as error:  # noqa: BLE001 (whatever it is, the next writer gets its turn)
            cause = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            terminalreporter.write_line(self.run.secrets.hide(f"NOT written: {path}: {cause}"), red=True)

    def _junit(self, report: Report) -> bytes:
        for name in ("verdict", "subject", "reference", "phase", "selection"):
            self.junit.add_global_property(f"rollproof.{name}", harmless(str(getattr(report, name))))
        for name, value in report.provenance.details:
            self.junit.add_global_property(f"rollproof.{name}", harmless(str(value)))
        with tempfile.NamedTemporaryFile() as file:
            self.junit.logfile = file.name
            self.junit.pytest_sessionfinish()
            text = Path(file.name).read_text("utf-8")
        return harmless(self.run.secrets.hide_credentials(text)).encode("utf-8", "backslashreplace")


def _make(folder: Path) -> str | None:
    """Make the folder and return why nothing could be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return error.strerror
    return None if os.access(folder, os.W_OK) else "it is not writable"


def _once(terminalreporter, together: set[str]) -> None:
    """Keep pytest from printing one by one what is told once for all."""
    if terminalreporter and together:
        for each in terminalreporter.stats.get("error", ()):
            if each.nodeid in together:
                each._pdbshown = True  # pytest's own mark of a report that was shown already  # noqa: SLF001
        terminalreporter.reportchars = terminalreporter.reportchars.replace("E", "")


def _print(terminalreporter, report: Report) -> None:
    counts = Counter(outcome.kind for outcome in report.outcomes)
    colour = {"green": report.verdict == "VERIFIED", "yellow": report.verdict.startswith(PARTLY)}
    bad = not any(colour.values())
    terminalreporter.section(f"{report.verdict}: {report.sentence}", **colour, red=bad, bold=True)
    if report.trouble:
        terminalreporter.write_line(report.trouble)
    for word, text in report.provenance.head:
        terminalreporter.write_line(f"{word.lower()} {text}")
    terminalreporter.write_line(
        ", ".join(f"{counts[kind]:,} {kind}" for kind in _PRINTED if counts[kind]) or "no case was run"
    )
    _recommend(terminalreporter, report)
    for reason in reasons(report.outcomes)[0]:
        terminalreporter.write_line(f"CANNOT TELL: {reason}")
    _warn(terminalreporter, report)
    for reason, names in _not_checked(report).items():
        terminalreporter.write_line(f"not checked: {', '.join(sorted(names))}: {reason}")
    for note in report.notes:
        terminalreporter.write_line(note)


def _recommend(terminalreporter, report: Report) -> None:
    if advice := report.recommendation:
        terminalreporter.write_line(f"RECOMMENDATION: {advice}", bold=True)
        for word, entries in (("because of", advice.because), ("ways", advice.alternatives), ("also", advice.also)):
            for entry in entries[:ENTRIES]:
                terminalreporter.write_line(f"  {word}: {entry}")
            if len(entries) > ENTRIES:
                terminalreporter.write_line(f"  {word}: and {len(entries) - ENTRIES:,} more, all in result.json")


def _warn(terminalreporter, report: Report) -> None:
    warnings = [outcome for outcome in report.outcomes if outcome.kind == "warning"]
    for outcome in warnings[:WARNINGS]:
        terminalreporter.write_line(f"WARNING: {outcome.text}")
    if len(warnings) > WARNINGS:
        terminalreporter.write_line(f"and {len(warnings) - WARNINGS:,} more warnings, all in result.json")


def _not_checked(report: Report) -> dict[str, set[str]]:
    reasons: dict[str, set[str]] = {}
    for outcome in report.outcomes:
        if outcome.kind == "not checked":
            reasons.setdefault(outcome.text, set()).add(outcome.check)
    return reasons
