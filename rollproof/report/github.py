"""What GitHub Actions shows of a run beside its log: annotations, and a step's summary. Other limits than a file's hold there.

The rules of escaping are those of the runner itself (actions/runner, `ActionCommand.cs`); tests hold them against a model of it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from rollproof.model.amounts import counted
from rollproof.model.plain_text import finding_text, plain_text
from rollproof.model.printable import harmless
from rollproof.report.html import FAILED, name
from rollproof.report.markdown import summary
from rollproof.report.markdown_text import cut
from rollproof.report.reasons import together, worst_first
from rollproof.verdict.outcome import Outcome, Report, is_own
from rollproof.verdict.overview import Cause, Overview, overview

MOST = 10
"""How many annotations of each level GitHub shows of one step; it drops the others."""
LONGEST = 4_000
"""Letters of one annotation; the runner cuts at 4,096."""
ROOM = 1024 * 1024
"""Bytes of one step's summary; GitHub drops a longer one whole."""
LEVELS: dict[str, Literal["error", "warning", "notice"]] = {"good": "notice", "part": "warning"}
_CUT = "\n… cut here, all in result.json"
_NAMED = 5  # other places that are named


class Annotation(NamedTuple):
    """A line above the log, which the page of a pull request shows too: at a line of a file, where one is named."""

    level: Literal["error", "warning", "notice"]
    title: str
    message: str
    file: str = ""
    line: int | None = None

    def command(self, sign: str = "::") -> str:
        """Return the line that the runner obeys; `sign` is what it knows a command by."""
        told = {"file": self.file, "line": str(self.line or ""), "title": self.title}
        properties = ",".join(f"{word}={_property(text)}" for word, text in told.items() if text or word == "title")
        cut = self.message if len(self.message) <= LONGEST else f"{self.message[:LONGEST]}{_CUT}"
        return f"{sign}{self.level} {properties}{sign}{_escaped(harmless(cut))}"


def _property(text: str) -> str:
    return _escaped(name(text)).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def annotations(report: Report) -> list[Annotation]:
    """Return the verdict; what failed and the causes, worst first; then doubts and warnings."""
    about = f"{report.phase} of {report.subject} against {report.reference}: {report.selection}"
    told = "\n".join(filter(None, [report.sentence, report.trouble, about]))
    first = Annotation(LEVELS.get(report.tone, "error"), report.verdict, told)
    seen = overview(report)
    errors, warnings = list(_failed(report, seen)), list(_doubts(report, seen))
    return [
        first,
        *at_most(MOST - (first.level == "error"), errors),
        *at_most(MOST - (first.level == "warning"), warnings),
    ]


def at_most(number: int, some: list[Annotation]) -> list[Annotation]:
    """Return so many annotations of one level; the last of them says how many more there are."""
    if len(some) <= number:
        return some
    left = f"{len(some) - number + 1:,} more"
    return [
        *some[: number - 1],
        Annotation(some[0].level, left, f"and {left}: in the step's summary and in result.json"),
    ]


def _failed(report: Report, seen: Overview) -> Iterator[Annotation]:
    """Yield what failed without a finding of ours, then each cause, the worst first."""
    for outcome in worst_first(each for each in report.outcomes if each.kind in FAILED):
        if is_own(outcome.check) or not outcome.findings:
            yield _whole("error", outcome)
    yield from (_told("error", cause) for cause in seen.causes if not is_own(cause.check))


def _told(level: Literal["error", "warning"], cause: Cause) -> Annotation:
    also = [counted(len(cause.consequences), "consequence")] if cause.consequences else []
    first, *others = cause.places
    where = f"{first} and {len(others):,} more" if others else first
    same = [f"the same at {', '.join(others[:_NAMED])}{', …' if len(others) > _NAMED else ''}"] if others else []
    text = "\n".join([finding_text(cause.roots[0]), *same, *also])
    return Annotation(level, f"{where}: {cause.words if others else cause.words_at(first)}", text)


def _doubts(report: Report, seen: Overview) -> Iterator[Annotation]:
    reasons, single = together(report)
    yield from (Annotation("warning", f"{each.cases:,} inconclusive cases", str(each)) for each in reasons)
    yield from (_whole("warning", each) for each in worst_first(single) if each.kind == "inconclusive")
    yield from (_told("warning", cause) for cause in seen.warnings)
    yield from (_whole("warning", each) for each in single if each.kind == "warning" and not each.findings)


def _whole(level: Literal["error", "warning"], outcome: Outcome) -> Annotation:
    about = f"{outcome.check} of {outcome.parameter}" if outcome.parameter else outcome.check
    return Annotation(level, f"{about}: {outcome.kind}", plain_text(outcome))


def step_summary(report: Report, taken: int = 0) -> str:
    """Return `summary.md` as far as it fits below what other commands of the step wrote, `taken` bytes; "" if nothing does."""
    return fitting(summary(report), taken)


def fitting(summary: str, taken: int) -> str:
    """Return as much of a text as fits below what stands in a step's summary already, `taken` bytes; "" if nothing does."""
    text, room = ("\n" if taken else "") + summary, ROOM - taken
    return cut(text, room)


def is_there(environment: Mapping[str, str]) -> bool:
    """Tell whether GitHub's runner reads what is printed."""
    return environment.get("GITHUB_ACTIONS") == "true"


def add_to_summary(text: str, environment: Mapping[str, str]) -> str:
    """Append what fits of a text to the step's summary, where GitHub has one; return why not, "" if it was or there is none."""
    file = environment.get("GITHUB_STEP_SUMMARY", "") if is_there(environment) else ""
    if not file:
        return ""
    try:
        path = Path(file)
        added = fitting(text, path.stat().st_size if path.exists() else 0)
        with path.open("a", encoding="utf-8", errors="replace") as step:
            step.write(added)
    except OSError as error:
        return error.strerror or str(error)
    return "" if added else "it is full"
