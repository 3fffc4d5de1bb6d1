"""What came of one case: the exception that a bundled check raised, as it raised it; of one of the user's own what pytest says.

What other plugins make of a bundled check is not believed: it is verified only if its function was called here and raised nothing.
"""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from rollproof.model.errors import Inconclusive, Misuse, NotChecked
from rollproof.model.failure import NotRestored, Shown, Warned
from rollproof.model.plain_text import plain_text
from rollproof.model.printable import harmless
from rollproof.model.redaction import hidden, without_values
from rollproof.plugin.bundled import is_bundled
from rollproof.plugin.case import about, check_named, severity_of
from rollproof.plugin.own_outcomes import TIMED_OUT, own_outcome
from rollproof.probes.commands import CHECK as COMMANDS
from rollproof.probes.endpoints.recording import CHECKS as OF_AN_APPLICATION
from rollproof.probes.services.status import CHECK as SERVICES
from rollproof.system.bundle import suite_root
from rollproof.verdict.outcome import Outcome

_FIELDS = ("findings", "rows", "statements", "advice", "unknown", "reason")
_SAYS_NOTHING = "error:.*returned:pytest.PytestReturnNotNoneWarning"  # `return a == b` would pass, whatever it came to
_OUTSIDE = "left out by something that is not rollproof's: "


class Judge:
    """Tells what came of a case, and has pytest say so; `advice` is what to do when a check fails, by its name."""

    def __init__(self, run: Any, advice: dict[str, str]) -> None:
        self._run = run
        self._advice = advice
        self._answers: dict[str, Outcome | BaseException] = {}  # by node: what came of it, or the exception raised
        self._marked: set[str] = set()

    def met(self, item: pytest.Item) -> None:
        """Remember whether a case has marks of its own that skip it."""
        _tell_plainly(item)
        if any(item.iter_markers("skip")):
            self._marked.add(item.nodeid)
        if not is_bundled(item):
            item.add_marker(pytest.mark.filterwarnings(_SAYS_NOTHING))

    def call(self, item: Any) -> bool | None:
        """Call a bundled check's function, so that its outcome is known before any other plugin can change it."""
        if not is_bundled(item):
            return None  # pytest calls it, or whatever plugin its author chose
        wanted = item._fixtureinfo.argnames  # noqa: SLF001 (pytest's own call asks it; to ask the function takes longer)
        try:
            item.obj(**{name: item.funcargs[name] for name in wanted})
        except NotChecked as error:
            pytest.skip(str(error))
        except Warned as error:
            if failure := self._strictly(error):
                self._answers[item.nodeid] = failure
                raise failure from None
            self._answers[item.nodeid] = self._outcome(item, "warning", error)
        except BaseException as error:
            self._answers[item.nodeid] = error
            raise
        else:
            self._answers[item.nodeid] = self._outcome(item, "verified")
        return True

    def judge(self, item: pytest.Item, call: pytest.CallInfo[Any], report: Any) -> None:
        """Make pytest's report say what came of the case."""
        if is_bundled(item):
            self._judge_ours(item, call, report)
        else:
            self._judge_own(item, call, report)

    def _judge_ours(self, item: pytest.Item, call: pytest.CallInfo[Any], report: Any) -> None:
        answer = self._answers.pop(item.nodeid, None) if call.when == "call" else None
        error = answer if isinstance(answer, BaseException) else call.excinfo and call.excinfo.value
        if error is None:
            report.rollproof = answer
            if answer:
                _pass(report)
            return
        kind, reason = kind_of(error, report)
        report.rollproof = outcome = self._outcome(item, kind, error, reason)
        if kind != "not checked":
            report.sections = []
            self._fail(report, outcome)
        elif not self._skips_itself(item, call):
            report.rollproof_left_out = True
            report.rollproof = dataclasses.replace(outcome, reason=self._run.secrets.hide(_OUTSIDE + reason))

    def _judge_own(self, item: pytest.Item, call: pytest.CallInfo[Any], report: Any) -> None:
        hide, error = self._run.secrets.hide, call.excinfo and call.excinfo.value
        if isinstance(error, Warned):
            error = self._strictly(error) or error
        outcome = own_outcome(item, error, call.excinfo, report)
        if outcome is None:
            return
        if isinstance(error, Shown):
            outcome = dataclasses.replace(outcome, **{name: getattr(error, name) for name in _FIELDS})
        report.rollproof = outcome = hidden(outcome, hide)
        report.sections = [(title, harmless(hide(text))) for title, text in report.sections]
        if outcome.kind == "warning":
            _pass(report)
        elif outcome.kind == "not checked":
            _skip(item, report, outcome.reason)
        elif outcome.kind != "verified":
            self._fail(report, outcome)

    def _outcome(self, item: pytest.Item, kind: Any, error: Any = None, reason: str = "") -> Outcome:
        """Return the outcome of a case of ours, with secrets hidden."""
        shown = {name: getattr(error, name) for name in _FIELDS} if isinstance(error, Shown) else {"reason": reason}
        outcome = Outcome(check_named(item), about(item), kind, severity_of(item), **shown)
        return hidden(outcome, self._hide(kind, outcome.check)) if kind != "verified" else outcome

    def _strictly(self, error: Warned) -> NotRestored | None:
        """Return the failure that a check with nothing but warnings is with --strict; None without."""
        if not self._run.configured.settings.strict:
            return None
        fields = {name: getattr(error, name) for name in _FIELDS}
        return NotRestored(
            **{**fields, "findings": tuple(dataclasses.replace(each, heals=False) for each in error.findings)}
        )

    def _fail(self, report: Any, outcome: Outcome) -> None:
        """Have pytest show the outcome by its text; what is no failure is an error to it."""
        report.outcome = "failed"
        report.__dict__.pop("wasxfail", None)
        advice = self._advice.get(outcome.check, "") if outcome.kind == "not restored" else ""
        report.longrepr = harmless(f"{plain_text(outcome)}\n{advice}".strip())
        if outcome.kind != "not restored" and report.when == "call":
            report.when = "setup"  # pytest's and JUnit's word for: this is an error, not a failure

    def _skips_itself(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> bool:
        """Tell whether a case was skipped by the suite itself and not by another plugin."""
        ours = (Path(__file__).parent, suite_root() / "checks", item.path.parent)
        raised = [
            entry.path for entry in (call.excinfo.traceback if call.excinfo else ()) if isinstance(entry.path, Path)
        ]
        return item.nodeid in self._marked or any(path.is_relative_to(of) for path in raised for of in ours)

    def _hide(self, kind: Any, check: Any) -> Any:
        """Return the function that hides secrets: all of them, or only credentials where the text is about the database."""
        secrets = self._run.secrets
        of_others = {*OF_AN_APPLICATION, SERVICES, COMMANDS}
        return secrets.hide if kind == "broken" or check in of_others else secrets.hide_credentials


def _tell_plainly(item: pytest.Item) -> None:
    """Keep pytest from formatting a traceback for our own exceptions: it takes 40 ms each, and nobody sees it."""
    case: Any = item
    real = case._repr_failure_py  # noqa: SLF001 (what fails in a fixture has no public way)
    case._repr_failure_py = lambda excinfo, style=None: (  # noqa: SLF001
        str(excinfo.value) if isinstance(excinfo.value, NotRestored | Inconclusive | Misuse) else real(excinfo, style)
    )


def kind_of(error: Any, report: pytest.TestReport) -> tuple[str, str]:
    """Return the kind of outcome that an exception means, and its text if it has no fields."""
    match error:
        case NotRestored():
            return "not restored", ""
        case Inconclusive():
            return "inconclusive", str(error)
        case Misuse():
            return "misuse", str(error)
        case NotChecked() | pytest.skip.Exception() | pytest.xfail.Exception():
            return "not checked", str(getattr(error, "msg", error))
        case pytest.fail.Exception() if str(error.msg).startswith(TIMED_OUT):
            return "inconclusive", f"{error.msg}\nlarge tables take longer to read: --timeout 0 sets no limit"
    return "broken", without_values(str(report.longrepr))


def _skip(item: pytest.Item, report: Any, reason: str) -> None:
    """Make the report one of a skip, as pytest has it, if it is none."""
    if not report.skipped:
        file, line, _ = item.location
        report.outcome, report.longrepr = "skipped", (file, (line or 0) + 1, f"Skipped: {harmless(reason)}")


def _pass(report: Any) -> None:
    """Make the report passed again if another plugin or a strict xfail changed it."""
    report.outcome, report.longrepr = "passed", None
    report.__dict__.pop("wasxfail", None)
