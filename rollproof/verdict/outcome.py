"""A report's values, and the verdict, exit code and sentence that follow from the outcomes of a run."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from rollproof.model.finding import Finding, FindingId, RowReport, Statement, Unknown
from rollproof.model.phase import PARTLY, Essential, Phase
from rollproof.model.provenance import NOWHERE, Provenance
from rollproof.model.snapshot import Facts
from rollproof.verdict.causes import causes
from rollproof.verdict.recommendation import Recommendation
from rollproof.verdict.selected import Selected

Kind = Literal["broken", "misuse", "not restored", "inconclusive", "warning", "verified", "not checked"]
# Worst first, as the exit codes' precedence has it: 3 > 4 > 1 > 7 > 0. "not checked" decides nothing.
KINDS: tuple[Kind, ...] = get_args(Kind)
GOOD = ("warning", "verified")
BAD = (1, 3)  # exit codes
_VERDICTS = {
    "broken": (
        "BROKEN",
        3,
        "a check ended in an error of rollproof's own, so nothing is vouched for; please report it",
    ),
    "misuse": ("MISUSE", 4, "the configuration does not fit what was found"),
    "inconclusive": ("INCONCLUSIVE", 7, "nothing was found wrong, but not everything could be decided"),
    "not checked": ("NOTHING CHECKED", 5, "nothing was compared, and silence is not proof"),
}


@dataclass(frozen=True)
class Outcome:
    """What came of one check about one parameter: its kind, what was found, and the `seconds` it took of the run.

    `reason` says why nothing could be found out, or why nothing was asked; it is empty where findings or doubts say all.
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


def explained(outcomes: Sequence[Outcome], facts: Mapping[str, Facts]) -> tuple[Outcome, ...]:
    """Return the outcomes with findings that say what they follow from; `facts` are the reference's, by facet."""
    found = causes((finding for outcome in outcomes for finding in outcome.findings), facts)
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
    selection: Selected
    provenance: Provenance = NOWHERE
    recommendation: Recommendation | None = None  # only after a migration is there something to decide
    not_configured: tuple[NotConfigured, ...] = ()

    @property
    def tone(self) -> Literal["good", "part", "bad", "open"]:
        """What kind of news the verdict is: good, good of a part, bad, or nothing was decided."""
        if self.exit_code == 0:
            return "part" if self.verdict.startswith(PARTLY) else "good"
        return "bad" if self.exit_code in BAD else "open"


@dataclass(frozen=True)
class End:
    """How a run of the `checks` of a phase ended: `trouble` is why nothing could be checked at all, `signal` what ended it.

    `any_table` says whether the reference has a table at all: without one there is nothing that could not be done without.
    """

    phase: Phase
    checks: frozenset[str]
    any_table: bool = True
    trouble: str = ""
    interrupted: bool = False
    signal: int = 0


def verdict(end: End, outcomes: Sequence[Outcome], selection: Selected, exitstatus: int) -> tuple[str, int, str]:
    """Return the word, the exit code and the sentence; `end` tells how the run ended, `exitstatus` is pytest's own."""
    if end.signal or end.interrupted:
        return "INTERRUPTED", 128 + (end.signal or signal.SIGINT), _ended(end, outcomes, selection, exitstatus)
    return _judged(end, outcomes, selection, exitstatus)


def _ended(end: End, outcomes: Sequence[Outcome], selection: Selected, exitstatus: int) -> str:
    by = f"ended by {signal.Signals(end.signal).name}" if end.signal else "ended"
    if not selection.ran:
        return f"{by} before the first case was asked; nothing was checked"
    if not selection.whole:
        return f"{by} after {selection.ran:,} of {selection.cases:,} cases; what is not listed was not checked"
    word, _, sentence = _judged(end, outcomes, selection, exitstatus if exitstatus in (3, 4) else 0)
    return f"{by} when all {selection.cases:,} cases had been asked; what they said is {word}: {sentence}"


def _judged(end: End, outcomes: Sequence[Outcome], selection: Selected, exitstatus: int) -> tuple[str, int, str]:
    if end.trouble:
        return "INCONCLUSIVE", 7, "the subject or the reference could not be read at all"
    kinds = {outcome.kind for outcome in outcomes}
    if exitstatus in (3, 4):
        kinds.add("broken" if exitstatus == 3 else "misuse")  # noqa: PLR2004 (pytest's own trouble, and its usage error)
    worst = min(kinds, key=KINDS.index, default="not checked")
    word, code, sentence = _verdicts(end.phase)[worst]
    if worst in GOOD and end.any_table and (lacking := _missing(end.phase, outcomes, end.checks)):
        worst, (word, code, _), sentence = "inconclusive", _VERDICTS["inconclusive"], _lacking(lacking)
    if worst != "not checked" and not selection.whole:
        word = PARTLY + word if worst in GOOD else word
        sentence = f"{selection}: {sentence}"
    return word, code, sentence + _counted(outcomes)


def _verdicts(phase: Phase) -> dict[str, tuple[str, int, str]]:
    """Return the verdict's word, exit code and sentence by the worst kind among the outcomes."""
    good, bad = (phase.good, 0, phase.good_sentence), (phase.bad, 1, phase.bad_sentence)
    return {**_VERDICTS, "not restored": bad, **dict.fromkeys(GOOD, good)}


def _missing(phase: Phase, outcomes: Sequence[Outcome], wanted: frozenset[str]) -> tuple[Essential, ...]:
    return phase.missing(wanted, {outcome.check for outcome in outcomes if outcome.kind in GOOD})


def _lacking(lacking: Sequence[Essential]) -> str:
    whats = "; ".join(f"{each.what} ({' or '.join(each.checks)})" for each in lacking)
    ways = dict.fromkeys(each.way for each in lacking)
    out = " or ".join(check for each in lacking for check in each.checks)
    return (
        f"nothing was found wrong, but nobody can say {whats}: {'; '.join(ways)}; "
        f"or leave that out knowingly, by -k 'not ({out})', and the verdict is of a part"
    )


def _counted(outcomes: Sequence[Outcome]) -> str:
    warnings = sum(outcome.kind == "warning" for outcome in outcomes)
    return f", with {warnings:,} warning{'s' if warnings > 1 else ''}" if warnings else ""
