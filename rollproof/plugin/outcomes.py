"""The outcome of each case, collected from pytest's reports; what other plugins make of a case is not believed."""

import dataclasses
import datetime
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from rollproof import __version__
from rollproof.model.errors import Inconclusive, Misuse, NotChecked
from rollproof.model.failure import NotRestored, Shown, Warned
from rollproof.model.phase import PHASES
from rollproof.model.plain_text import plain_text
from rollproof.model.printable import harmless, one_line
from rollproof.model.redaction import hidden, without_values
from rollproof.model.timestamps import shown
from rollproof.plugin.case import check_of, label, parameter_of, severity_of
from rollproof.plugin.selection import Selection
from rollproof.plugin.stash import CONFIGURED, OUTCOMES, RUN, SIDES
from rollproof.report.reasons import reasons
from rollproof.system.bundle import suite_root
from rollproof.system.signals import SIGNALS
from rollproof.verdict.outcome import KINDS, Outcome, Report, explained
from rollproof.verdict.recommendation import recommendation
from rollproof.verdict.run_verdict import Ending, verdict

_OUTSIDE_CASES: Mapping[int, Literal["broken", "misuse"]] = {3: "broken", 4: "misuse"}  # pytest's own exit codes
_FIELDS = ("findings", "rows", "statements", "advice", "unknown", "reason")
OF_OTHERS = ("endpoints", "endpoint_answers")  # what these checks tell comes from an application
_OUTSIDE = "left out by something that is not rollproof's: "


def pytest_configure(config: pytest.Config) -> None:
    if run := config.stash.get(RUN, None):
        config.stash[OUTCOMES] = outcomes = Outcomes(run, config)
        config.pluginmanager.register(outcomes)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, Any, Any]:
    """Make the exit code of a look (--markers, --fixtures, --help) 5: nothing was verified."""
    code = yield
    outcomes = config.stash.get(OUTCOMES, None)
    asked = outcomes or any(phase in config.option.markexpr for phase in PHASES)
    if code != pytest.ExitCode.OK or not asked:
        return code
    return outcomes.exit_code if outcomes else pytest.ExitCode.NO_TESTS_COLLECTED


class Outcomes:
    """Collects the outcomes. A case is verified only if its test function was called here and raised nothing.

    Skipping, expecting a failure or swallowing one is left to the checks themselves: what another plugin makes of a case
    is not believed, and what another plugin leaves out is counted as left out.
    """

    def __init__(self, run: Any, config: pytest.Config) -> None:
        self.run = run
        self.selection = Selection(run, config)
        self.interrupted = False
        self.exit_code = int(pytest.ExitCode.NO_TESTS_COLLECTED)  # until a session ends
        self.promises: dict[str, str] = {}
        self.advice: dict[str, str] = {}
        self._config = config
        self._known: tuple[tuple[Outcome, ...], tuple[Outcome, ...]] = ((), ())
        self._seen: dict[str, Outcome] = {}
        self._left_out: dict[str, Outcome] = {}
        self._answers: dict[str, Outcome | BaseException] = {}  # by node: what came of it, or the exception raised
        self._marked: set[str] = set()
        self._labels: dict[str, str] = {}
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
        """Give each case its JUnit properties, and remember which have marks of their own that skip them."""
        _tell_plainly(item)
        promise, _, rest = (getattr(item, "module", None).__doc__ or "").partition("\n\n")
        check = check_of(item.path)
        self.promises[check] = " ".join(promise.split())
        self.advice[check] = " ".join(rest.partition("\n\n")[0].split())
        item.user_properties.append(("rollproof.check", check))
        group = parameter_of(item)
        if isinstance(group, str) or (getattr(group, "names", None) and not getattr(group, "ungrouped", True)):
            item.user_properties.append(("rollproof.table", one_line(label(group))))
        item.user_properties.append(("rollproof.severity", severity_of(item)))
        if any(item.iter_markers("skip")):
            self._marked.add(item.nodeid)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        report = yield
        self.selection.collected(report, collector)
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record a check that cannot be imported as broken, an error of our own."""
        if report.failed:
            text = self.run.secrets.hide(str(report.longrepr))
            check = check_of(Path(report.nodeid.partition("::")[0]))
            self._seen[report.nodeid] = Outcome(check, "", "broken", "high", reason=text)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._labels = {item.nodeid: label(parameter_of(item)) for item in session.items}
        self.selection.measure(session)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: Any) -> Any:
        """Call the test function ourselves, so that its outcome is known before any other plugin can change it."""
        wanted = pyfuncitem._fixtureinfo.argnames  # noqa: SLF001 (pytest's own call asks it; to ask the function takes longer)
        try:
            pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in wanted})
        except NotChecked as error:
            pytest.skip(str(error))
        except Warned as error:
            self._warn(pyfuncitem, error)
        except BaseException as error:
            self._answers[pyfuncitem.nodeid] = error
            raise
        else:
            self._answers[pyfuncitem.nodeid] = self._outcome(pyfuncitem, "verified")
        return True

    def _outcome(self, item: pytest.Item, kind: Any, error: Any = None, reason: str = "") -> Outcome:
        """Return the outcome of a case, with secrets hidden."""
        shown = {name: getattr(error, name) for name in _FIELDS} if isinstance(error, Shown) else {"reason": reason}
        outcome = Outcome(check_of(item.path), self._labels.get(item.nodeid, ""), kind, severity_of(item), **shown)
        return hidden(outcome, self._hide(kind, outcome.check)) if kind != "verified" else outcome

    def _warn(self, item: pytest.Item, error: Warned) -> None:
        """Let a check with nothing but warnings pass; with --strict let it fail."""
        if self.run.configured.settings.strict:
            fields = {name: getattr(error, name) for name in _FIELDS}
            found = tuple(dataclasses.replace(finding, heals=False) for finding in error.findings)
            self._answers[item.nodeid] = failure = NotRestored(**{**fields, "findings": found})
            raise failure from None
        self._answers[item.nodeid] = outcome = self._outcome(item, "warning", error)
        item.user_properties.append(("rollproof.warning", harmless(plain_text(outcome))))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
        """Show failures by their own text, without a traceback; INCONCLUSIVE, misuse and our own errors are errors to pytest."""
        report = yield
        answer = self._answers.pop(item.nodeid, None) if call.when == "call" else None
        error = answer if isinstance(answer, BaseException) else call.excinfo and call.excinfo.value
        if error is None:
            report.rollproof = answer
            return _passed(report) if answer else report
        kind, reason = _kind(error, report)
        report.rollproof = outcome = self._outcome(item, kind, error, reason)
        if kind != "not checked":
            report.outcome = "failed"
            report.__dict__.pop("wasxfail", None)
            advice = self.advice.get(outcome.check, "") if kind == "not restored" else ""
            report.longrepr = harmless(f"{plain_text(outcome)}\n{advice}".strip())
            report.sections = []
            if kind != "not restored" and report.when == "call":
                report.when = "setup"  # pytest's and JUnit's word for: this is an error, not a failure
        elif not self._skips_itself(item, call):
            report.rollproof_left_out = True
            report.rollproof = dataclasses.replace(outcome, reason=self.run.secrets.hide(_OUTSIDE + reason))
        return report

    def _skips_itself(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> bool:
        """Tell whether a case was skipped by the suite itself and not by another plugin."""
        ours = (Path(__file__).parent, suite_root() / "checks", item.path.parent)
        raised = [
            entry.path for entry in (call.excinfo.traceback if call.excinfo else ()) if isinstance(entry.path, Path)
        ]
        return item.nodeid in self._marked or any(path.is_relative_to(of) for path in raised for of in ours)

    def _hide(self, kind: Any, check: Any) -> Any:
        """Return the function that hides secrets: all of them, or only credentials where the text is about the database."""
        secrets = self.run.secrets
        return secrets.hide if kind == "broken" or check in OF_OTHERS else secrets.hide_credentials

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst of a case's reports, reruns among them, and the sum of their times."""
        outcome = getattr(report, "rollproof", None)
        if outcome is None:
            return  # it was set up, or torn down, and that says nothing
        before = self._seen.get(report.nodeid)
        worst = before if before and _weight(before.kind) <= _weight(outcome.kind) else outcome
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
        selection = self.selection.of(len(self._seen), len(left_out))
        word, code, sentence = verdict(outcomes, self._ending(selection, exitstatus))
        about = {name: getattr(self._sides, name) for name in ("subject", "reference", "trouble")}
        return Report(
            **about,
            verdict=word,
            sentence=sentence,
            exit_code=code,
            phase=self.run.phase.name,
            tool=__version__,
            started=shown(self._started),
            seconds=time.monotonic() - self._clock,
            notes=(*self.run.notes, *(f"not compared: {what}" for what in self._sides.not_compared)),
            promises=self.promises,
            advice=self.advice,
            outcomes=outcomes,
            selection=selection,
            provenance=self._sides.provenance(self._started, datetime.datetime.now(tz=datetime.UTC)),
            not_configured=self._config.stash[CONFIGURED].features,
            recommendation=recommendation(outcomes, self.run.phase.essentials) if self._decides() else None,
        )

    def _ending(self, selection: Any, exitstatus: int) -> Ending:
        return Ending(
            phase=self.run.phase,
            selection=selection,
            checks=self.selection.checks,
            any_table=self._sides.any_table,
            trouble=self._sides.trouble,
            signal=self.signal,
            interrupted=self.interrupted,
            outside=_OUTSIDE_CASES.get(exitstatus),
        )

    def _explained(self, outcomes: Any) -> tuple[Outcome, ...]:
        """Return the outcomes with causes of their findings; looked for again only if outcomes were added."""
        if outcomes != self._known[0]:
            opened = self._sides.opened
            facts = opened.before.recorded if opened else {}
            self._known = outcomes, explained(outcomes, facts)
        return self._known[1]

    def _decides(self) -> bool:
        """Tell whether to recommend what to do: the run came to its end, and the phase is after a migration."""
        ended = not (self.signal or self.interrupted or self._sides.trouble)
        return ended and self.run.phase.recommends and any(each.kind != "not checked" for each in self._seen.values())


def _tell_plainly(item: pytest.Item) -> None:
    """Keep pytest from formatting a traceback for our own exceptions: it takes 40 ms each, and nobody sees it."""
    case: Any = item
    real = case._repr_failure_py  # noqa: SLF001 (what fails in a fixture has no public way)
    case._repr_failure_py = lambda excinfo, style=None: (  # noqa: SLF001
        str(excinfo.value) if isinstance(excinfo.value, NotRestored | Inconclusive | Misuse) else real(excinfo, style)
    )


def _kind(error: Any, report: pytest.TestReport) -> tuple[str, str]:
    """Return the kind of outcome that an exception means, and its text if it has no fields."""
    match error:
        case NotRestored():
            return "not restored", ""
        case Inconclusive():
            return "inconclusive", str(error)
        case Misuse():
            return "misuse", str(error)
        case NotChecked():
            return "not checked", str(error)
        case pytest.skip.Exception() | pytest.xfail.Exception():
            return "not checked", str(error.msg)
    return "broken", without_values(str(report.longrepr))


def _passed(report: pytest.TestReport) -> Any:
    """Make the report passed again if another plugin or a strict xfail changed it."""
    report.outcome, report.longrepr = "passed", None
    report.__dict__.pop("wasxfail", None)
    return report


def _weight(kind: str) -> int:
    """Rank a kind for reports of the same case, worst first; verified comes last."""
    return len(KINDS) if kind == "verified" else KINDS.index(kind)
