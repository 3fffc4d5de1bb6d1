"""What a run came to as metrics, written when nothing changes its verdict any more; also of a run that never began."""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from rollproof.commands.metrics_file import last_good_drills, last_good_run, put_metrics, require_metrics
from rollproof.model.errors import Inconclusive
from rollproof.plugin.stash import FILES, RUN, SIDES
from rollproof.probes.sequence_headroom import headroom_of
from rollproof.report.metrics import Beside, ended, samples, so_far, verdicts
from rollproof.server.connection import Target
from rollproof.verdict.run_verdict import OTHER_VERDICTS

if TYPE_CHECKING:
    from rollproof.plugin.options import Run

BUNDLED = "the bundled migration"
"""What the label calls a throw-away database, whose address is another one each time."""


class Metrics:
    """Writes the file. Raises `Misuse` when it is made, if nobody would read the file."""

    def __init__(self, config: pytest.Config, file: str) -> None:
        require_metrics(file)
        self._config: Any = config
        self._file = file
        self._run: Run = config.stash[RUN]

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        run, report = self._run, config.stash[FILES].report
        beside = self._beside()
        word, code, _ = OTHER_VERDICTS["misuse"]
        told = samples(report, beside) if report else ended(word, code, beside, verdicts(run.phase.name))
        put_metrics(self._file, told, self._common, self._say)

    def so_far(self) -> None:
        """Say that the run that goes on is bad already; what stands there of the last one that ended stays true."""
        put_metrics(self._file, so_far(time.time()), self._common, self._config.stash[SIDES].tell, kept=True)

    @property
    def _common(self) -> Mapping[str, str]:
        return {"command": "verify", "phase": self._run.phase.name, "database": self._database}

    def _say(self, text: str) -> None:
        if reporter := self._config.pluginmanager.get_plugin("terminalreporter"):
            reporter.write_line(text)

    @property
    def _database(self) -> str:
        """The database as it was named, whether it was reached or not."""
        if self._run.rehearse:
            return BUNDLED
        return str(Target.parse(self._run.configured.settings.database_url or ""))

    def _beside(self) -> Beside:
        run, sides = self._run, self._config.stash[SIDES]
        folder = run.runs.path
        subject = sides.subject if sides.plan else self._database
        headroom: dict[str, float] = {}
        with suppress(Inconclusive):
            headroom = headroom_of(sides.opened.after) if sides.opened else {}
        return Beside(
            time.time(),
            last_good_run(folder, run.phase.name, subject, run.phase.good),
            last_good_drills(run.configured),
            headroom,
        )
