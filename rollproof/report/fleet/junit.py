"""junit.xml of a fleet: a suite for each target, with a case for each of its differences, or one that says what it came to."""

from collections.abc import Iterator, Mapping

from rollproof.report.junit import BAD, Case, Suite, document
from rollproof.verdict.fleet.fleet_report import FleetReport
from rollproof.verdict.fleet.target_outcome import TargetOutcome
from rollproof.verdict.outcome import Kind

_KINDS: Mapping[int, Kind] = {3: "broken", 4: "misuse", 1: "not restored", 7: "inconclusive", 5: "inconclusive"}
"""The kind of an outcome by its exit code: nothing was checked is nothing that may be skipped here."""


def result(report: FleetReport) -> bytes:
    """Return the report as JUnit's XML; targets that nobody came to are suites with an error."""
    suites = [_suite(each, report) for each in report.outcomes]
    suites += [_missing(name, report) for name in report.missing]
    bad = any(case.kind for suite in suites for case in suite.cases)
    return document(suites if bad or not report.exit_code else [*suites, _verdict(report)])


def _verdict(report: FleetReport) -> Suite:
    """Return a suite that says why a fleet is not good in which no target is bad: a reader that counts must not call it green."""
    word = "".join(report.verdict.title().split())
    case = Case("rollproof", "verdict", 0.0, "error", word, report.sentence, report.sentence)
    return Suite(f"rollproof {report.phase}", (case,), (), report.started)


def _suite(outcome: TargetOutcome, report: FleetReport) -> Suite:
    told = {name: getattr(outcome, name) for name in ("name", "server", "verdict", "folder", "baseline", "unread")}
    properties = tuple(
        (f"rollproof.{'target' if name == 'name' else name}", str(value)) for name, value in told.items() if value
    )
    return Suite(outcome.name, tuple(_cases(outcome, report)), properties, report.started, "", _said(outcome))


def _cases(outcome: TargetOutcome, report: FleetReport) -> Iterator[Case]:
    group = f"rollproof.{outcome.name}"
    kind, word = BAD[_KINDS.get(outcome.exit_code, "broken")] if outcome.exit_code else ("", "")
    for root in outcome.roots if outcome.exit_code == 1 else ():
        yield Case(
            group, f"{root.check} [{root.subject}]", 0.0, kind, word, str(root), f"{root}\n{_more(outcome)}".strip()
        )
    if outcome.exit_code != 1 or not outcome.roots:
        text = "\n".join(filter(None, [*outcome.doubts, outcome.sentence, _more(outcome)]))
        said = outcome.doubts[0] if outcome.doubts else outcome.sentence
        yield Case(group, report.phase, outcome.seconds, kind, word, said if kind else "", text if kind else "")


def _more(outcome: TargetOutcome) -> str:
    left = f"and {outcome.left_out:,} more: " if outcome.left_out else ""
    return f"{left}{outcome.folder}/{outcome.page or 'result.json'}" if outcome.folder else ""


def _said(outcome: TargetOutcome) -> str:
    return f"{outcome.verdict}: {outcome.headline or outcome.sentence}\n"


def _missing(name: str, report: FleetReport) -> Suite:
    kind, word = BAD["inconclusive"]
    said = "it was not verified: the run ended before"
    return Suite(name, (Case(f"rollproof.{name}", report.phase, 0.0, kind, word, said, said),), (), report.started)


RENDERS = ("junit.xml", result)
