"""What a run came to as metrics: the verdict and when it was reached, counts, durations, what was measured beside."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rollproof.model.phase import PARTLY, PHASES
from rollproof.model.timestamps import read
from rollproof.report.metric_text import Sample
from rollproof.verdict.outcome import KINDS, SEVERITIES, Outcome, Report, is_own
from rollproof.verdict.run_verdict import OTHER_VERDICTS

MOST = 10
"""Sequences, the ones with the least headroom: each is a time series of its own."""
MOST_NAMED = 50
"""Endpoints, services and parts of a run."""
ENDPOINTS = "endpoints"
_OWN, _OTHER = "own", "other"
"""The families of checks that name none: those of the user's own, and ours."""


@dataclass(frozen=True)
class Beside:
    """What is known beside a run: when it `ended` and the last good one did, and the last good drill of each kind, as timestamps.

    `headroom` is the share of its numbers that each sequence has left.
    """

    ended: float
    last_good: float = 0.0
    drills: Mapping[str, float] = field(default_factory=dict)
    headroom: Mapping[str, float] = field(default_factory=dict)


def samples(report: Report, beside: Beside) -> Iterator[Sample]:
    """Yield the metrics of a run that was made."""
    yield from ended(report.verdict, report.exit_code, beside, verdicts(report.phase))
    yield Sample("run_duration_seconds", report.seconds)
    yield from _counted(report)
    yield from (
        Sample("stage_duration_seconds", each.seconds, {"stage": each.name}) for each in report.stages[:MOST_NAMED]
    )
    yield from _baseline(report)
    yield from headroom(beside.headroom)
    yield from _endpoints(report)


def ended(verdict: str, exit_code: int, beside: Beside, words: Sequence[str]) -> Iterator[Sample]:
    """Yield what is known of every run, also of one that never began: when it ended, its verdict among all `words`."""
    good = exit_code == 0 and not verdict.startswith(PARTLY)
    yield Sample("last_run_timestamp_seconds", beside.ended)
    yield Sample("last_good_run_timestamp_seconds", beside.ended if good else beside.last_good)
    yield Sample("run_good", good)
    yield from (Sample("verdict", word == verdict, {"verdict": word}) for word in dict.fromkeys((*words, verdict)))
    yield Sample("exit_code", exit_code)
    yield from (
        Sample("last_good_drill_timestamp_seconds", when, {"kind": kind}) for kind, when in beside.drills.items()
    )


def so_far(when: float) -> Iterator[Sample]:
    """Yield what is known of a run that goes on, and is bad already since this moment."""
    yield Sample("run_bad_so_far", 1)
    yield Sample("run_bad_so_far_timestamp_seconds", when)


def verdicts(phase: str) -> tuple[str, ...]:
    """Return every word that the verdict of a phase can be."""
    own = (PHASES[phase].good, PARTLY + PHASES[phase].good, PHASES[phase].bad) if phase in PHASES else ()
    return (*own, *(word for word, _, _ in OTHER_VERDICTS.values()), "INTERRUPTED")


def _counted(report: Report) -> Iterator[Sample]:
    counted = Counter((_family(report, each), each.kind) for each in report.outcomes)
    for family in sorted({family for family, _ in counted}):
        for kind in KINDS:
            yield Sample("cases", counted[family, kind], {"family": family, "outcome": kind})
    yield Sample("selected_cases", report.selection.ran)
    yield Sample("phase_cases", report.selection.cases)
    yield Sample("tables_unread", report.unread)
    failed = Counter(dict.fromkeys(SEVERITIES, 0))
    for each in report.outcomes:
        if each.kind == "not restored":
            failed[each.severity] += max(1, len(each.findings))
    yield from (Sample("findings", number, {"severity": severity}) for severity, number in failed.items())


def _family(report: Report, outcome: Outcome) -> str:
    return report.families.get(outcome.check) or (_OWN if is_own(outcome.check) else _OTHER)


def _baseline(report: Report) -> Iterator[Sample]:
    held = report.provenance.reference
    taken = read(held.source.instants[0]) if held.kind == "baseline" and held.source.instants else None
    if taken:
        yield Sample("baseline_timestamp_seconds", taken.timestamp())


def headroom(known: Mapping[str, float]) -> Iterator[Sample]:
    """Yield the sequences that have the least numbers left."""
    for name, share in sorted(known.items(), key=lambda each: (each[1], each[0]))[:MOST]:
        yield Sample("sequence_headroom_ratio", share, {"sequence": name})


def named(up: Iterable[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """Return as many of them as get time series of their own; those that are down before any that is up."""
    return sorted(up, key=lambda each: each[0])[:MOST_NAMED]


def _endpoints(report: Report) -> Iterator[Sample]:
    asked = [each for each in report.outcomes if each.check == ENDPOINTS and each.kind != "not checked"]
    up = [(each.kind in ("verified", "warning"), each.parameter) for each in asked]
    yield from (Sample("endpoint_up", good, {"endpoint": name}) for good, name in named(up))
    for answer in report.answers[:MOST_NAMED]:
        if answer.after is not None:
            yield Sample("endpoint_answer_seconds", answer.after, {"endpoint": answer.endpoint})
