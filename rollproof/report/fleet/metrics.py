"""A fleet as metrics: its verdict as that of every run, how many targets came to what, and each target that is not good by name."""

from collections.abc import Iterator

from rollproof.report.metric_text import Sample
from rollproof.report.metrics import Beside, ended, verdicts
from rollproof.verdict.fleet.fleet_report import FleetReport
from rollproof.verdict.fleet.target_outcome import TargetOutcome

MOST_TARGETS = 1_000
"""Targets that have time series of their own: all if they are no more, else those that are not good, the worst first."""


def samples(report: FleetReport, beside: Beside) -> Iterator[Sample]:
    """Yield the metrics of a fleet's run."""
    words = verdicts(report.phase)
    yield from ended(report.verdict, report.exit_code, beside, words)
    yield Sample("run_duration_seconds", report.seconds)
    for word in dict.fromkeys((*words, *report.counts)):
        yield Sample("fleet_targets", report.counts.get(word, 0), {"verdict": word})
    yield Sample("fleet_targets_missing", len(report.missing))
    yield Sample("tables_unread", sum(each.unread for each in report.outcomes))
    yield Sample("fleet_groups", sum(bool(each.exit_code) for each in report.groups))
    for outcome in told_of(report):
        label = {"target": outcome.name}
        yield Sample("target_good", outcome.exit_code == 0, label)
        yield Sample("target_exit_code", outcome.exit_code, label)
        yield Sample("target_duration_seconds", outcome.seconds, label)


def told_of(report: FleetReport) -> tuple[TargetOutcome, ...]:
    """Return the targets that have time series of their own, at most `MOST_TARGETS`."""
    if len(report.outcomes) <= MOST_TARGETS:
        return report.outcomes
    bad = [outcome for group in report.groups if group.exit_code for outcome in group.targets]
    return tuple(bad[:MOST_TARGETS])
