"""After the migration: what the outcomes of the checks recommend, by the decision matrix. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rollproof.model.finding import Finding
from rollproof.model.phase import Essential
from rollproof.settings.waiver import OF_OWN

LOST_VALUES = ("tables ", "columns ")  # how a finding of nothing_lost begins that took values along


class Outcome(Protocol):
    """What a report knows of one case."""

    @property
    def check(self) -> str:
        """The check's slug."""

    @property
    def parameter(self) -> str:
        """What the case is about; empty if about everything."""

    @property
    def kind(self) -> str:
        """What came of it: verified, not restored, inconclusive, …"""

    @property
    def findings(self) -> Sequence[Finding]:
        """What was found."""


@dataclass(frozen=True)
class Issue:
    """One row of the matrix; `checks` are those whose failure is this issue."""

    issue: str
    severity: str
    roll_back: str
    alternatives: tuple[str, ...]
    checks: frozenset[str]


@dataclass(frozen=True)
class Recommendation:
    """What to do. `because` names the cases that led to it, `also` the lesser issues found beside it."""

    issue: str
    severity: str
    roll_back: str
    alternatives: tuple[str, ...]
    because: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The lists of the recommendation, each under the word that reports print before it."""
        return (("because of", self.because), ("ways", self.alternatives), ("also", self.also))

    def __str__(self) -> str:
        return f"{self.issue} ({self.severity}): {self.roll_back}"


OWN = "one of your own checks failed"
MATRIX = (
    Issue(
        "data corruption",
        "critical",
        "roll back",
        (
            "stop the application at once, so that the damage does not spread",
            "run the checks of pre_rollback, then roll back",
        ),
        frozenset({"migrated_rows", "migrated_edges", "orphans"}),
    ),
    Issue(
        "migration timeout",
        "high",
        "roll back, or go on in smaller batches",
        ("if the tool can go on where it stopped, run it again with smaller batches", "else roll back"),
        frozenset({"migration_log", "table_states", "announced"}),
    ),
    Issue(
        "application error",
        "high",
        "roll back, unless it can be fixed quickly",
        (
            "restart the application: it may hold prepared statements or cached types",
            "deploy the version that knows the new types",
        ),
        frozenset({"endpoints", "endpoint_answers", "endpoint_values", "services", "commands"}),
    ),
    Issue(
        "no way back",
        "high",
        "do not roll back from this backup",
        (
            "keep the database as it is, and take a base backup or a dump now",
            "restore from an earlier dump if the data is wrong",
        ),
        frozenset({"backup", "backup_content", "backup_columns", "backup_readers", "backup_age", "backup_agreement"}),
    ),
    Issue(
        OWN,
        "high",
        "roll back, unless what it found can be put right quickly",
        ("read what the check says: it knows what that means for the application",),
        frozenset(),
    ),
    Issue(
        "performance",
        "medium",
        "it depends: measure first",
        (
            "ANALYZE the migrated tables",
            "create the missing indexes concurrently",
            "roll back if the load cannot be carried",
        ),
        frozenset({"plans", "lookups", "endpoint_latency"}),
    ),
    Issue(
        "minor data issues",
        "low",
        "do not roll back: fix it in place",
        ("run the statements that the failed checks print", "then run the checks of post_migration again"),
        frozenset({"nothing_lost", "migrated_counts", "untouched_rows", "backup_privileges", "waivers"}),
    ),
)
_PERFORMANCE = (
    "indexes ",
    "planner_statistics ",
    "statistics ",
)  # what nothing_lost finds that only makes queries slow
NAMED = 3  # findings of a case, where it is about no single table
NOTHING_WRONG = Recommendation("nothing wrong", "none", "no rollback is needed", (), ())
UNDECIDED = (
    "not everything could be looked at",
    "unknown",
    "do not decide yet",
    ("put right what kept the checks from looking, and run them again",),
)


def recommendation(outcomes: Iterable[Outcome], essentials: Iterable[Essential]) -> Recommendation:
    """Return what the worst issue asks for; the order of the matrix says which is worst.

    What could not be told weighs more than nothing wrong or something slow or small, less than what is known to be bad.
    """
    reasons: dict[str, list[str]] = {}
    seen: set[str] = set()
    warned: list[str] = []
    for outcome in outcomes:
        warned += [_named(outcome)] if outcome.kind == "warning" else []
        seen |= {outcome.check} if outcome.kind in {"verified", "warning"} else set()
        if outcome.kind in {"verified", "warning", "not checked"}:
            continue
        for issue in sorted(_issues(outcome)):
            reasons.setdefault(issue, []).append(_named(outcome, issue))
    rows = [(issue.issue, issue.severity, issue.roll_back, issue.alternatives) for issue in MATRIX]
    rows.insert([issue.issue for issue in MATRIX].index("performance"), UNDECIDED)
    if not reasons and (unseen := [each.checks for each in essentials if seen.isdisjoint(each.checks)]):
        reasons[UNDECIDED[0]] = [f"{' or '.join(checks)} was not checked" for checks in unseen]
    found = [row for row in rows if row[0] in reasons]
    also = tuple(f"{issue} ({severity}): {', '.join(reasons[issue])}" for issue, severity, _, _ in found[1:])
    also += (f"warnings, which change nothing of this: {', '.join(warned)}",) if warned else ()
    if not found:
        return replace(NOTHING_WRONG, also=also)
    return Recommendation(*found[0], because=tuple(reasons[found[0][0]]), also=also)


def _named(outcome: Outcome, issue: str = "") -> str:
    """Return the check, and what it is about: its table, else the first of what it found of this issue."""
    found = [each.subject for each in outcome.findings if issue in ("", *_issues_of(outcome, each))]
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    about = outcome.parameter or ", ".join(found[:NAMED]) + more
    return f"{outcome.check} [{about}]" if about else outcome.check


def _issues(outcome: Outcome) -> set[str]:
    if outcome.kind != "not restored":
        return {UNDECIDED[0]}
    if outcome.check == "nothing_lost":
        return {issue for finding in outcome.findings for issue in _issues_of(outcome, finding)}
    if OF_OWN in outcome.check:
        return {OWN}
    return {issue.issue for issue in MATRIX if outcome.check in issue.checks} or {UNDECIDED[0]}


def _issues_of(outcome: Outcome, finding: Finding) -> set[str]:
    if outcome.check != "nothing_lost" or outcome.kind != "not restored":
        return _issues(outcome)
    return set() if finding.heals else {_of_loss(finding)}


def _of_loss(finding: Finding) -> str:
    if finding.subject.startswith(LOST_VALUES) and finding.actual is None:
        return "data corruption"
    return "performance" if finding.subject.startswith(_PERFORMANCE) else "minor data issues"
