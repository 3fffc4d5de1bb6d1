"""The outcome of each case, collected from pytest's reports; what other plugins make of a case is not believed."""

import dataclasses
import datetime
import sys
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from rollproof import __version__
from rollproof.model.plain_text import plain_text
from rollproof.model.printable import harmless
from rollproof.model.redaction import hidden
from rollproof.model.timestamps import shown
from rollproof.plugin.bundled import Checks, is_bundled
from rollproof.plugin.case import check_named, check_of, family_of, told_of
from rollproof.plugin.judge import Judge
from rollproof.plugin.own_outcomes import uncollected, worse
from rollproof.plugin.selection import Selection
from rollproof.plugin.stash import CONFIGURED, OUTCOMES, RUN, SIDES
from rollproof.report.reasons import reasons
from rollproof.settings.waiver import OF_OWN
from rollproof.system.bundle import NOBODY_READS
from rollproof.system.signals import SIGNALS
from rollproof.verdict.outcome import Outcome, Report, explained
from rollproof.verdict.recommendation import Recommendation, recommendation
from rollproof.verdict.run_verdict import Ending, verdict

_OUTSIDE_CASES: Mapping[int, Literal["broken", "misuse"]] = {3: "broken", 4: "misuse"}  # pytest's own exit codes


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OUTCOMES] = outcomes = Outcomes(config.stash[RUN], config)
    config.pluginmanager.register(outcomes)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, Any, Any]:
    """Make the exit code of a look (--markers, --fixtures, --help) 5: nothing was verified.

    What another plugin's hook raises when the session ends would be Python's exit code, 1, which means NOT RESTORED.
    """
    try:
        code = yield
    except pytest.UsageError:
        raise
    except BrokenPipeError:  # whoever read it has read enough; the reports are written
        bad = OUTCOMES in config.stash and config.stash[OUTCOMES].exit_code == 1
        return 1 if bad else NOBODY_READS
    except Exception as error:  # noqa: BLE001 (whatever it is)
        sys.excepthook(type(error), error, error.__traceback__)
        return pytest.ExitCode.INTERNAL_ERROR
    if code != pytest.ExitCode.OK:
        return code
    outcomes = config.stash.get(OUTCOMES, None)
    return outcomes.exit_code if outcomes else pytest.ExitCode.NO_TESTS_COLLECTED


class Outcomes:
    """Collects the outcomes. What another plugin leaves out is counted as left out."""

    def __init__(self, run: Any, config: pytest.Config) -> None:
        self.run = run
        self.selection = Selection(run, config)
        self.interrupted = False
        self.exit_code = int(pytest.ExitCode.NO_TESTS_COLLECTED)  # until a session ends
        self.promises: dict[str, str] = {}
        self.advice: dict[str, str] = {}
        self.families: dict[str, str] = {}
        self._judge = Judge(run, self.advice)
        self._config = config
        self._known: tuple[tuple[Outcome, ...], tuple[Outcome, ...]] = ((), ())
        self._seen: dict[str, Outcome] = {}
        self._left_out: dict[str, Outcome] = {}
        self._started = datetime.datetime.now(tz=datetime.UTC)
        self._clock = time.monotonic()

    @property
    def _sides(self) -> Any:
        return self._config.stash[SIDES]

    @property
    def signal(self) -> int:
        """The signal that ended the run, or will when what is done now is whole; 0 if there is none."""
        return SIGNALS.number

    @pytest.hookimpl(tryfirst=True)
    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Take note of the check that a case is of, and of what it promises."""
        self._judge.met(item)
        check = check_named(item)
        if check not in self.promises:
            hide = str if is_bundled(item) else self.run.secrets.hide
            self.promises[check], self.advice[check] = map(hide, told_of(item))
            self.families[check] = family_of(item)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        try:
            report = yield
        except SystemExit as error:  # for which pytest would end, as for an error of ours
            report = pytest.CollectReport(collector.nodeid, "failed", f"SystemExit: {error.code}", [])
        self.selection.collected(report, collector)
        report.rollproof_own = not (is_bundled(collector) or isinstance(collector, Checks))
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, Any, Any]:
        """Count the user's own cases before anything leaves some out."""
        self.selection.met(items)
        return (yield)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record a check that cannot be imported as broken, an error of our own; one of the user's own makes nobody stop."""
        if getattr(report, "rollproof_own", False):
            self._keep_uncollected(report)
        elif report.failed:
            text = self.run.secrets.hide(str(report.longrepr))
            check = check_of(Path(report.nodeid.partition("::")[0]))
            self._seen[report.nodeid] = Outcome(check, "", "broken", "high", reason=text)

    def _keep_uncollected(self, report: pytest.CollectReport) -> None:
        if report.passed:
            return
        self._seen[report.nodeid] = outcome = hidden(uncollected(report), self.run.secrets.hide)
        self.selection.uncollected += 1
        if report.failed:
            report.longrepr = harmless(plain_text(outcome))
            self._config.option.continue_on_collection_errors = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep promises of checks alone, and not of the user's other tests in the same files."""
        run = {check_named(item) for item in session.items}
        for told in (self.promises, self.advice):
            for name in [name for name in told if OF_OWN in name and name not in run]:
                del told[name]
        self.selection.measure(session)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: Any) -> Any:
        """Call a bundled check ourselves."""
        return self._judge.call(pyfuncitem)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
        """Make each report say what came of the case."""
        report = yield
        self._judge.judge(item, call, report)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst of a case's reports, reruns among them, and the sum of their times."""
        outcome = getattr(report, "rollproof", None)
        if outcome is None:
            return  # it was set up, or torn down, and that says nothing
        before = self._seen.get(report.nodeid)
        worst = worse(before, outcome) if before else outcome
        kept = self._left_out if hasattr(report, "rollproof_left_out") else self._seen
        kept[report.nodeid] = dataclasses.replace(worst, seconds=(before.seconds if before else 0) + report.duration)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        stopped = isinstance(excinfo.value, pytest.Session.Interrupted)  # by an option or a plugin, not by a person
        self.interrupted = not (self._sides.trouble or stopped)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.selection.stopped(session)
        session.exitstatus = self.exit_code = self.report(int(session.exitstatus)).exit_code

    def told_together(self) -> set[str]:
        """Return the node ids of inconclusive cases that reports print together, under a common reason."""
        nodes = list(self._seen)
        return {nodes[place] for place in reasons(tuple(self._seen.values()))[1]}

    def report(self, exitstatus: int = 0) -> Report:
        """Return the report of what is known so far; pytest's own `exitstatus` 3 (internal error) or 4 (usage error) prevails."""
        left_out = [each for node, each in self._left_out.items() if node not in self._seen]
        outcomes = self._explained((*self._seen.values(), *left_out))
        ending = self._ending(len(left_out), exitstatus)
        word, code, sentence = verdict(outcomes, ending)
        return Report(
            **self._sides.told,
            verdict=word,
            sentence=sentence,
            exit_code=code,
            phase=self.run.phase.name,
            tool=__version__,
            started=shown(self._started),
            seconds=time.monotonic() - self._clock,
            notes=tuple(self.run.notes),
            families=self.families,
            promises=self.promises,
            advice=self.advice,
            outcomes=outcomes,
            selection=ending.selection,
            provenance=self._sides.provenance(self._started, datetime.datetime.now(tz=datetime.UTC)),
            not_configured=self._config.stash[CONFIGURED].features,
            recommendation=self._recommended(outcomes),
        )

    def _ending(self, left_out: int, exitstatus: int) -> Ending:
        ended = bool(self.signal or self.interrupted)
        return Ending(
            phase=self.run.phase,
            selection=self.selection.of(len(self._seen), left_out, ended=ended),
            checks=self.selection.checks,
            any_table=self._sides.any_table,
            trouble=self._sides.trouble,
            signal=self.signal,
            interrupted=self.interrupted,
            outside=_OUTSIDE_CASES.get(exitstatus),
            unread=self._sides.unread,
        )

    def _explained(self, outcomes: Any) -> tuple[Outcome, ...]:
        """Return the outcomes with causes of their findings; looked for again only if outcomes were added."""
        if outcomes != self._known[0]:
            opened = self._sides.opened
            facts = opened.before.recorded if opened else {}
            self._known = outcomes, explained(outcomes, facts)
        return self._known[1]

    def _recommended(self, outcomes: tuple[Outcome, ...]) -> Recommendation | None:
        return recommendation(outcomes, self.run.phase.essentials) if self._decides() else None

    def _decides(self) -> bool:
        """Tell whether to recommend what to do: the run came to its end, and the phase is after a migration."""
        ended = not (self.signal or self.interrupted or self._sides.trouble)
        return ended and self.run.phase.recommends and any(each.kind != "not checked" for each in self._seen.values())
