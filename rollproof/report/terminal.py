"""What a run prints at its end: the verdict, what it is about, and all that is not a failure, which pytest has printed already."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rollproof.model.plain_text import SHOWN, more, plain_text
from rollproof.report.reasons import not_checked, reasons
from rollproof.verdict.outcome import KINDS, Report

ENTRIES = 10  # of each list of a recommendation
_PRINTED = ("verified", *(kind for kind in reversed(KINDS) if kind not in ("verified", "not checked")), "not checked")
_ALL = "all in result.json"


class Line(NamedTuple):
    """A line to print, or several; `bold` if nobody should miss it."""

    text: str
    bold: bool = False


def title(report: Report) -> str:
    """Return the verdict and its sentence, as the line above all else."""
    return f"{report.verdict}: {report.sentence}"


def lines(report: Report) -> Iterator[Line]:
    """Yield what stands below the title: what was compared, counts, recommendation, doubts, warnings, what was not checked."""
    yield from map(Line, filter(None, [report.trouble]))
    yield from (Line(f"{word.lower()} {text}") for word, text in report.provenance.head)
    yield Line(counted(report) or "no case was run")
    yield from _recommendation(report)
    yield from (Line(f"INCONCLUSIVE: {reason}") for reason in reasons(report.outcomes)[0])
    yield from _warnings(report)
    yield from (Line(f"not checked: {', '.join(checks)}: {reason}") for reason, checks in not_checked(report).items())
    yield from (Line(str(feature)) for feature in report.not_configured)
    yield from map(Line, report.notes)


def counted(report: Report) -> str:
    """Return how many cases came to which outcome: "3 verified, 1 warning"; empty if there was none."""
    counts = Counter(outcome.kind for outcome in report.outcomes)
    return ", ".join(f"{counts[kind]:,} {kind}" for kind in _PRINTED if counts[kind])


def _recommendation(report: Report) -> Iterator[Line]:
    if advice := report.recommendation:
        yield Line(f"RECOMMENDATION: {advice}", bold=True)
        for word, entries in advice.lists:
            yield from _entries(word, entries)


def _entries(word: str, entries: Sequence[str]) -> Iterator[Line]:
    yield from (Line(f"  {word}: {entry}") for entry in entries[:ENTRIES])
    yield from map(Line, more(len(entries), f"  {word}: and {{}} more, {_ALL}", ENTRIES))


def _warnings(report: Report) -> Iterator[Line]:
    warnings = [outcome for outcome in report.outcomes if outcome.kind == "warning"]
    yield from (Line(f"WARNING: {plain_text(outcome)}") for outcome in warnings[:SHOWN])
    yield from map(Line, more(len(warnings), f"and {{}} more warnings, {_ALL}"))
