"""What a run says of integrity, application and performance, each in a sentence: the procedure's three validations. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping

from rollproof.verdict.outcome import KINDS, Outcome, Report
from rollproof.verdict.record import AREAS

_APPLICATION = frozenset({"endpoints", "services", "commands"})  # families, and checks
_PERFORMANCE = frozenset(
    {"plans", "lookups", "planner_statistics", "endpoint_latency", "visibility_map", "bloat", "wraparound"}
)
_SHOWN = 20  # endpoints


def validation(report: Report) -> Mapping[str, str]:
    """Return the sentence of each area; an area of which nothing was asked says so."""
    of_areas: dict[str, list[Outcome]] = {area: [] for area in AREAS}
    for outcome in report.outcomes:
        of_areas[_area(outcome.check, report.families.get(outcome.check, ""))].append(outcome)
    found = {area: _told(outcomes) for area, outcomes in of_areas.items()}
    found["application"] += "".join(f"; {each}" for each in _answers(report))
    return found


def _area(check: str, family: str) -> str:
    integrity, application, performance = AREAS
    if {check, family} & _PERFORMANCE:
        return performance
    return application if {check, family} & _APPLICATION else integrity


def _told(outcomes: list[Outcome]) -> str:
    counts = Counter(outcome.kind for outcome in outcomes)
    said = ", ".join(f"{counts[kind]:,} {kind}" for kind in KINDS if counts[kind])
    bad = sorted({outcome.check for outcome in outcomes if outcome.kind in ("broken", "misuse", "not restored")})
    named = f" ({', '.join(bad)})" if bad else ""
    return f"{said}{named}" if said else "nothing was asked"


def _answers(report: Report) -> Iterator[str]:
    for each in report.answers[:_SHOWN]:
        if each.after is not None:
            before = "" if each.before is None else f" (before: {each.before:.2f} s)"
            yield f"{each.endpoint} answered in {each.after:.2f} s{before}"
