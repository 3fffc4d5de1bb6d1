"""A restore that was verified leaves a record of the drill: all of a database was held against its dump, and is as it was."""

import hashlib
import os
from typing import TYPE_CHECKING, Any

import pytest

from rollproof.commands.drill_records import GOOD, Drill, key, leave, now, project, who
from rollproof.model.errors import Misuse
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.plugin.stash import FILES, RUN
from rollproof.verdict.outcome import Report

if TYPE_CHECKING:
    from rollproof.plugin.options import Run


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if FILES in config.stash:
        config.pluginmanager.register(Restored(config))


class Restored:
    """Leaves the record when nothing changes the verdict any more."""

    def __init__(self, config: pytest.Config) -> None:
        self._files = config.stash[FILES]
        self._run: Run = config.stash[RUN]

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        report: Report | None = self._files.report
        if report is None or not is_restore(report):
            return
        reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        try:
            told = f"record of this drill: {self._left(report)}"
        except (OSError, Misuse) as error:
            told = f"NOT written: the record of this drill: {error}"
        if reporter:
            reporter.write_line(told)

    def _left(self, report: Report) -> os.PathLike[str]:
        asked = self._run.configured
        held = report.provenance
        drill = Drill(
            kind="restore",
            when=now(),
            project=project(asked),
            verdict=report.verdict,
            source=report.reference,
            source_kind="dump",
            servers=(f"{report.subject}, PostgreSQL {held.subject.version}",),
            seconds=report.seconds,
            report_sha256=hashlib.sha256(self._files.result).hexdigest(),
            by=who(),
        )
        return leave(self._run.runs.path, drill, key(asked))


def is_restore(report: Report) -> bool:
    """Tell whether all of a database that is nobody's throw-away was held against its dump, and nothing differs."""
    held = report.provenance
    is_real = held.reference.kind == "dump" and not held.subject.note
    return is_real and report.verdict == GOOD and report.phase == DEFAULT_PHASE.name
