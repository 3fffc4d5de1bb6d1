"""Bad news told while the run goes on: the first case that failed, each table whose rows are known to differ.

A run of hours may know within seconds that the database is not as it was. Nothing is told in the first second: most runs end in it
with a verdict.
"""

import threading
import time
from collections.abc import Generator, Iterator, Mapping
from queue import SimpleQueue
from typing import Any

import pytest

from rollproof.commands.scan_progress import QUIET_SECONDS
from rollproof.model.finding import Finding
from rollproof.model.printable import one_line
from rollproof.plugin.case import about, check_named, scanned_by
from rollproof.plugin.stash import INCIDENT, METRICS, RUN, SIDES
from rollproof.sources.source import CONTENT
from rollproof.verdict.expect import Expect
from rollproof.verdict.outcome import Outcome
from rollproof.verdict.so_far import SoFar
from rollproof.verdict.wording import worded
from rollproof.verdict.words import Wording

MOST = 10
"""Lines of a run; whatever else is found stands below the verdict."""


def pytest_configure(config: pytest.Config) -> None:
    run = config.stash[RUN]
    if not (run.look or run.dry_run):
        config.pluginmanager.register(BadNews(config, run))


News = str | Outcome | tuple[Finding, ...]
"""A table that was read, a case that failed, or what a case found and looks for evidence of."""


class BadNews:
    """Hears of tables that are read and of cases that ended; tells of bad news in a thread, for to tell people may take seconds."""

    def __init__(self, config: pytest.Config, run: Any) -> None:
        self._config, self._run = config, run
        self._heard: SimpleQueue[News | None] = SimpleQueue()
        self._over = threading.Event()
        self._open: dict[tuple[str, str], frozenset[str]] = {}  # cases about rows without an end, with their tables
        self._found: dict[str, Finding] = {}  # the first about each table, or another object
        self._read: set[str] = set()
        self._lines = 0

    @property
    def _sides(self) -> Any:
        return self._config.stash[SIDES]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Listen while cases run; what was found of tables whose cases had no turn is noted at the end."""
        if not self._sides.opened:
            return (yield)
        self._began = time.monotonic()
        self._judge = self._judging(session.items)
        listening = threading.Thread(target=self._listen, name="rollproof so far", daemon=True)
        listening.start()
        try:
            return (yield)
        finally:
            self._over.set()
            self._heard.put(None)
            listening.join()
            self._run.notes.extend(self._without_a_turn())

    def _judging(self, items: list[pytest.Item]) -> SoFar:
        for item in items:
            if (tables := scanned_by(item)) and (check := check_named(item)) in CONTENT:
                self._open[check, about(item)] = tables
        sides, opened = self._sides, self._sides.opened
        sides.hears = self._heard.put
        for side in (opened.before, opened.after):
            side.heard_by(self._heard.put)

        def expects(check: str) -> Expect:
            return Expect(check, opened.before, opened.after, opened.accepted)

        return SoFar.about(self._asked(), expects, sides.settings.growing)

    def _asked(self) -> Mapping[str, set[str]]:
        """Return the tables that cases without an end are about, by check."""
        asked: dict[str, set[str]] = {facet: set() for facet in CONTENT}
        for (check, _), tables in self._open.items():
            asked[check] |= tables
        return {facet: tables for facet, tables in asked.items() if tables}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear of a case that ended."""
        outcome: Outcome | None = getattr(report, "rollproof", None)
        if outcome:
            self._open.pop((outcome.check, outcome.parameter), None)
        if outcome and outcome.kind == "not restored":
            self._heard.put(outcome)

    def _listen(self) -> None:
        self._over.wait(QUIET_SECONDS)
        while (heard := self._heard.get()) is not None:
            for line in self._news(heard):
                if not self._over.is_set():
                    self._tell(line)

    def _news(self, heard: News) -> Iterator[str]:
        """Yield what is to be told; nothing of a table, or another object, of which something was told before."""
        found = self._findings(heard)
        new: dict[str, Finding] = {}
        for each in found:
            if (place := self._worded(each).place) not in self._found:
                new.setdefault(place, each)
        self._found |= new
        if new:
            others = f", and {len(new) - 1:,} more" if len(new) > 1 else ""
            yield f"{self._words(next(iter(new.values())))}{others}"
        elif isinstance(heard, Outcome) and not found:  # a check of the user's own
            yield one_line(heard.parameter or heard.check)

    def _findings(self, heard: News) -> tuple[Finding, ...]:
        if isinstance(heard, str):
            self._read.add(heard)
            return self._judge.of(heard)
        return heard.findings if isinstance(heard, Outcome) else heard

    def _worded(self, finding: Finding) -> Wording:
        return worded(finding, self._sides.opened.after.tables)

    def _words(self, finding: Finding) -> str:
        said = self._worded(finding)
        suspect = self._sides.prepared.suspects.get(said.place) if finding.check in CONTENT else None
        return f"{one_line(said.place)}: {said}{f' ({suspect.why})' if suspect else ''}"

    def _tell(self, news: str) -> None:
        self._lines += 1
        if self._lines > MOST:
            return
        line = f"{self._run.phase.bad} so far: {news}{self._how_far()}"
        self._sides.tell(f"{line}; more is told at the end" if self._lines == MOST else line)
        if self._lines == 1:
            self._first(news)

    def _how_far(self) -> str:
        tables = self._sides.opened.after.scanned if self._asked() else ()
        return f" · {len(self._read):,} of {len(tables):,} tables read" if tables else ""

    def _first(self, news: str) -> None:
        if metrics := self._config.stash.get(METRICS, None):
            metrics.so_far()
        if incident := self._config.stash.get(INCIDENT, None):
            incident.so_far(news, time.monotonic() - self._began)

    def _without_a_turn(self) -> Iterator[str]:
        """Yield what was found of tables about which no case could say it."""
        asked = self._asked()
        for finding in self._found.values():
            if finding.subject in asked.get(finding.check, ()):
                yield f"found before the run was ended: {self._words(finding)}"
