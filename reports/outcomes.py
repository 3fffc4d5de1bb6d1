"""What each check said, gathered as pytest reports it, and the verdict and exit code that follow."""

import dataclasses
import datetime
import time
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from rollproof import __version__
from rollproof.decision import Recommendation, recommendation
from rollproof.errors import CannotTell, Misuse, NotRestored, Warned

# Worst first, as the exit codes' precedence has it: 3 > 4 > 1 > 7 > 0. "not checked" decides nothing.
KINDS = ("broken", "misuse", "not restored", "cannot tell", "warning", "verified", "not checked")
VERDICTS = {
    "broken": (
        "BROKEN",
        3,
        "a check ended in an error of rollproof's own, so nothing is vouched for; please report it",
    ),
    "misuse": ("MISUSE", 4, "the configuration does not fit what was found"),
    "not restored": ("NOT RESTORED", 1, "the rollback did not put the database back"),
    "cannot tell": ("CANNOT TELL", 7, "nothing was found wrong, but not everything could be decided"),
    "warning": ("VERIFIED", 0, "all that was checked is as it was"),
    "verified": ("VERIFIED", 0, "all that was checked is as it was"),
    "not checked": ("NOTHING CHECKED", 5, "nothing was compared, and silence is not proof"),
}


# What NOT RESTORED and VERIFIED mean where no rollback was made yet.
SENTENCES = {
    "pre_migration": ("the migration should not begin yet", "nothing was found that stands in the migration's way"),
    "post_migration": ("the migration did not do what it should, or not all of it", "the migration did what it should"),
    "pre_rollback": ("the rollback should not begin yet", "nothing was found that stands in the rollback's way"),
}


@dataclass(frozen=True)
class Outcome:
    """One check about one parameter; `text` is the evidence or the reason, `seconds` its share of the run."""

    check: str
    parameter: str
    kind: str
    severity: str
    text: str
    seconds: float
    findings: tuple[object, ...] = ()


@dataclass(frozen=True)
class Report:
    """Everything the renderers need; `promises` gives each check's first sentence, `advice` what it means when it fails."""

    verdict: str
    sentence: str
    exit_code: int
    subject: str
    reference: str
    phase: str
    tool: str
    started: str
    seconds: float
    trouble: str
    notes: tuple[str, ...]
    promises: Mapping[str, str]
    advice: Mapping[str, str]
    outcomes: tuple[Outcome, ...]
    recommendation: Recommendation | None = None  # only after a migration is there something to decide


def pytest_configure(config):
    if run := config.pluginmanager.get_plugin("rollproof-run"):
        config.pluginmanager.register(Outcomes(run), "rollproof-outcomes")


class Outcomes:
    """Gathers what pytest reports. Decides nothing, changes nothing but what a report looks like."""

    def __init__(self, run) -> None:
        self.run = run
        self.signal = 0
        self.interrupted = False
        self.promises: dict[str, str] = {}
        self.advice: dict[str, str] = {}
        self._seen: dict[str, Outcome] = {}
        self._warned: dict[str, tuple[str, str, tuple]] = {}
        self._started = datetime.datetime.now(tz=datetime.UTC)
        self._clock = time.monotonic()

    def pytest_itemcollected(self, item):
        """Give each case its JUnit properties."""
        promise, _, rest = (item.module.__doc__ or "").partition("\n\n")
        check = _slug(item)
        self.promises[check] = " ".join(promise.split())
        self.advice[check] = " ".join(rest.partition("\n\n")[0].split())
        item.user_properties.append(("rollproof.check", check))
        owner = _parameter(item)
        if isinstance(owner, str) or (getattr(owner, "names", None) and not owner.rest):
            item.user_properties.append(("rollproof.table", _label(owner)))
        item.user_properties.append(("rollproof.severity", _severity(item)))

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item):
        """Let a check that only warned pass, and remember what it said; with --strict it fails."""
        try:
            return (yield)
        except Warned as error:
            if self.run.settings.strict:
                raise NotRestored(str(error), error.findings) from None
            text = self.run.secrets.hide(str(error))
            self._warned[item.nodeid] = ("warning", text, self._hidden(error.findings))
            item.user_properties.append(("rollproof.warning", text))
            return []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        """Print bad news as its own text, without a traceback; what cannot be told is an error, whenever it is met."""
        report = yield
        if call.excinfo is None:
            told = self._warned.get(item.nodeid) if report.when == "call" else None
            report.rollproof = told or ("verified", "", ())
            return report
        error = call.excinfo.value
        kind, text = self._judge(error, report, _slug(item))
        report.rollproof = (kind, self.run.secrets.hide(text), self._hidden(getattr(error, "findings", ())))
        if kind != "not checked":
            report.longrepr = self.run.secrets.hide(text)
            report.sections = []
            if kind != "not restored" and report.when == "call":
                report.when = "setup"  # pytest's and JUnit's word for: this is an error, not a failure
        return report

    def _hidden(self, findings) -> tuple:
        hide = self.run.secrets.hide
        return tuple(
            dataclasses.replace(
                found,
                identity=hide(found.identity),
                before=found.before and hide(found.before),
                after=found.after and hide(found.after),
            )
            for found in findings
        )

    def _judge(self, error, report, check) -> tuple[str, str]:
        match error:
            case NotRestored():
                return "not restored", f"{error}\n{self.advice.get(check, '')}".strip()
            case CannotTell():
                return "cannot tell", str(error)
            case Misuse():
                return "misuse", str(error)
            case pytest.skip.Exception():
                return "not checked", str(error.msg)
        return "broken", str(report.longrepr)

    def pytest_runtest_logreport(self, report):
        """Keep the worst of a case's three reports, and the sum of their times."""
        kind, text, findings = report.rollproof
        before = self._seen.get(report.nodeid)
        if before and _weight(before.kind) <= _weight(kind):
            kind, text, findings = before.kind, before.text, before.findings
        known = dict(report.user_properties)
        self._seen[report.nodeid] = Outcome(
            check=known["rollproof.check"],
            parameter=self._labels[report.nodeid],
            kind=kind,
            severity=known["rollproof.severity"],
            text=text,
            seconds=(before.seconds if before else 0) + report.duration,
            findings=findings,
        )

    def pytest_collection_finish(self, session):
        self._labels = {item.nodeid: _label(_parameter(item)) for item in session.items}

    def pytest_keyboard_interrupt(self):
        self.interrupted = not self.run.trouble

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        session.exitstatus = self.report(int(session.exitstatus)).exit_code

    def report(self, exitstatus: int = 0) -> Report:
        """Return what is known so far; `exitstatus` is pytest's own, whose troubles (3, 4) are not overruled."""
        verdict, code, sentence = self._verdict(exitstatus)
        return Report(
            verdict=verdict,
            sentence=sentence,
            exit_code=code,
            subject=self.run.subject,
            reference=self.run.reference,
            phase=self.run.phase,
            tool=__version__,
            started=self._started.isoformat(timespec="seconds"),
            seconds=time.monotonic() - self._clock,
            trouble=self.run.trouble,
            notes=(*self.run.notes, *(f"never compared: {what}" for what in self.run.not_compared)),
            promises=self.promises,
            advice=self.advice,
            outcomes=tuple(self._seen.values()),
            recommendation=recommendation(self._seen.values()) if self._decides() else None,
        )

    def _decides(self) -> bool:
        """Tell whether the run came to its end, and was about a migration that may have to be undone."""
        ended = not (self.signal or self.interrupted or self.run.trouble)
        return (
            ended
            and self.run.phase == "post_migration"
            and any(each.kind != "not checked" for each in self._seen.values())
        )

    def _verdict(self, exitstatus: int) -> tuple[str, int, str]:
        if self.signal or self.interrupted:
            left = f"ended after {len(self._seen)} cases; what is not listed was not checked"
            return "INTERRUPTED", 128 + self.signal if self.signal else 2, left
        if self.run.trouble:
            return "CANNOT TELL", 7, "the subject or the reference could not be read at all"
        kinds = {outcome.kind for outcome in self._seen.values()}
        if exitstatus in (3, 4):
            kinds.add({3: "broken", 4: "misuse"}[exitstatus])
        worst = min(kinds, key=KINDS.index, default="not checked")
        verdict, code, sentence = VERDICTS[worst]
        if worst in ("not restored", "warning", "verified"):
            sentence = SENTENCES.get(self.run.phase, (sentence, sentence))[worst != "not restored"]
        warnings = sum(outcome.kind == "warning" for outcome in self._seen.values())
        counted = f", with {warnings:,} warning{'s' if warnings > 1 else ''}" if warnings else ""
        return verdict, code, sentence + counted


def _weight(kind: str) -> int:
    """Rank a kind, worst first: that one part of a case went well says least about the whole."""
    return len(KINDS) if kind == "verified" else KINDS.index(kind)


def _slug(item) -> str:
    return item.path.stem.removeprefix("test_")


def _severity(item) -> str:
    mark = item.get_closest_marker("severity")
    return mark.args[0] if mark else "high"


def _parameter(item) -> object:
    """Return the table, group of tables or endpoint that the case is about; None if it has none."""
    values = getattr(item, "callspec", None)
    return next(iter(values.params.values()), None) if values else None


def _label(parameter) -> str:
    return (
        parameter if isinstance(parameter, str) else getattr(parameter, "label", None) or getattr(parameter, "name", "")
    )
