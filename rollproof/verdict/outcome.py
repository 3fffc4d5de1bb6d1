"""What came of each case, and all that a report says of a run, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from rollproof.model.command_run import CommandRun
from rollproof.model.event import LoggedStep
from rollproof.model.finding import Finding, FindingId, RowReport, Statement, Unknown
from rollproof.model.phase import PARTLY
from rollproof.model.provenance import NOWHERE, Provenance
from rollproof.model.snapshot import Facts
from rollproof.model.traffic import TableTraffic
from rollproof.settings.waiver import OF_OWN
from rollproof.verdict.checklist import ChecklistItem
from rollproof.verdict.measured import Agreement, AnswerTime, PlanRead, Stage, TableRead, Waived
from rollproof.verdict.recommendation import Recommendation
from rollproof.verdict.record import Record
from rollproof.verdict.selected import Selected
from rollproof.verdict.state_before import RollbackChanges, StateKept

Kind = Literal["broken", "misuse", "not restored", "inconclusive", "warning", "verified", "not checked"]
# Worst first, as the exit codes' precedence has it: 3 > 4 > 1 > 7 > 0. "not checked" decides nothing.
KINDS: tuple[Kind, ...] = get_args(Kind)
GOOD = ("warning", "verified")
SEVERITIES = ("critical", "high", "medium", "low")
BAD = (1, 3)  # exit codes


def rank(severity: str) -> int:
    """Return the place of a severity among all, 0 for the worst."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


@dataclass(frozen=True)
class Outcome:
    """What came of one check about one parameter: its kind, what was found, and the `seconds` it took of the run.

    `reason` says why nothing could be found out, or why nothing was asked; it is empty where findings or doubts say all.
    `properties` are what a check of the user's own said of itself by pytest's `record_property`.
    """

    check: str
    parameter: str
    kind: Kind
    severity: str
    seconds: float = 0.0
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    rows: tuple[RowReport, ...] = ()
    statements: tuple[Statement, ...] = ()
    advice: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict, hash=False)


def is_own(check: str) -> bool:
    """Tell whether a check is one of the user's own, whose name is a node id of pytest."""
    return OF_OWN in check


def explained(outcomes: Sequence[Outcome], facts: Mapping[str, Facts]) -> tuple[Outcome, ...]:
    """Return the outcomes with findings that say what they follow from; `facts` are the reference's, by facet."""
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    if not findings:
        return tuple(outcomes)
    from rollproof.verdict.causes import causes  # noqa: PLC0415 (a good run has no use for it)

    found = causes(findings, facts)
    causing = {
        each.finding: FindingId(each.follows_from.check, each.follows_from.subject)
        for root in found
        for each in root.consequences
    }
    return tuple(
        replace(outcome, findings=tuple(replace(each, follows_from=causing.get(each)) for each in outcome.findings))
        if outcome.findings
        else outcome
        for outcome in outcomes
    )


@dataclass(frozen=True)
class NotConfigured:
    """A feature that nobody configured, why that is known, and its checks, of which no case was run."""

    feature: str
    checks: tuple[str, ...]
    reason: str

    def __str__(self) -> str:
        number = f"{len(self.checks)} check{'s' if len(self.checks) > 1 else ''}"
        return f"not configured: {self.feature} ({number}: {', '.join(self.checks)}): {self.reason}"


@dataclass(frozen=True)
class Report:
    """Everything the renderers need; `promises` gives each check's first sentence, `advice` what it means when it fails.

    `families` gives each check's family, the word by which `-m "post_rollback and FAMILY"` selects it. `notes` are about this run
    alone; `not_compared` is what no run ever looks at. `unread` is the number of tables and materialized views whose rows were not
    read, for nobody wrote to them.
    `logged` are the steps of the migration's log, `record` is the incident that is open.
    """

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
    selection: Selected
    provenance: Provenance = NOWHERE
    recommendation: Recommendation | None = None  # only after a migration is there something to decide
    not_configured: tuple[NotConfigured, ...] = ()
    families: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[TableRead, ...] = ()
    unread: int = 0
    stages: tuple[Stage, ...] = ()
    answers: tuple[AnswerTime, ...] = ()
    traffic: tuple[TableTraffic, ...] = ()
    plans: tuple[PlanRead, ...] = ()
    commands: tuple[CommandRun, ...] = ()
    agreement: tuple[Agreement, ...] = ()
    waived: tuple[Waived, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    state_kept: StateKept | None = None
    rollback_changes: RollbackChanges | None = None
    logged: tuple[LoggedStep, ...] = ()
    record: Record | None = None
    not_compared: tuple[str, ...] = ()

    @property
    def tone(self) -> Literal["good", "part", "bad", "open"]:
        """What kind of news the verdict is: good, good of a part, bad, or nothing was decided."""
        if self.exit_code == 0:
            return "part" if self.verdict.startswith(PARTLY) else "good"
        return "bad" if self.exit_code in BAD else "open"
