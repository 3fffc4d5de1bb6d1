"""What GitHub Actions shows of a run beside its log: annotations, and a step's summary. Other limits than a file's hold there.

The rules of escaping are those of the runner itself (actions/runner, `ActionCommand.cs`); tests hold them against a model of it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from rollproof.model.finding import Finding, FindingId
from rollproof.model.plain_text import finding_text, plain_text
from rollproof.model.printable import harmless
from rollproof.report.html import FAILED, name
from rollproof.report.markdown import summary
from rollproof.report.reasons import together, worst_first
from rollproof.verdict.outcome import Outcome, Report

MOST = 10
"""How many annotations of each level GitHub shows of one step; it drops the others."""
LONGEST = 4_000
"""Letters of one annotation; the runner cuts at 4,096."""
ROOM = 1024 * 1024
"""Bytes of one step's summary; GitHub drops a longer one whole."""
LEVELS: dict[str, Literal["error", "warning", "notice"]] = {"good": "notice", "part": "warning"}
_CUT = "\n… cut here, all in result.json\n"


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
        cut = self.message if len(self.message) <= LONGEST else f"{self.message[:LONGEST]}{_CUT.rstrip()}"
        return f"{sign}{self.level} {properties}{sign}{_escaped(harmless(cut))}"


def _property(text: str) -> str:
    return _escaped(name(text)).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def annotations(report: Report) -> list[Annotation]:
    """Return the verdict; what failed and follows from nothing else, worst first; then doubts and warnings."""
    about = f"{report.phase} of {report.subject} against {report.reference}: {report.selection}"
    told = "\n".join(filter(None, [report.sentence, report.trouble, about]))
    first = Annotation(LEVELS.get(report.tone, "error"), report.verdict, told)
    errors, warnings = list(_failed(report)), list(_doubts(report))
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


def _failed(report: Report) -> Iterator[Annotation]:
    following = _following(report.outcomes)
    for outcome in worst_first(each for each in report.outcomes if each.kind in FAILED):
        if not outcome.findings:
            yield _whole("error", outcome)
        roots = [each for each in outcome.findings if not (each.follows_from or each.heals)]
        for root in sorted(roots, key=lambda each: -following[_id(each)]):
            also = f"\n{following[_id(root)]:,} more findings follow from it" if following[_id(root)] else ""
            yield Annotation("error", f"{root.check}: {root.subject}", finding_text(root) + also)


def _following(outcomes: Iterable[Outcome]) -> Counter[FindingId]:
    """Return how many findings follow from each, directly or not."""
    causes = {_id(each): each.follows_from for outcome in outcomes for each in outcome.findings if each.follows_from}
    following: Counter[FindingId] = Counter()
    for cause in causes.values():
        for above in _upwards(cause, causes):
            following[above] += 1
    return following


def _upwards(cause: FindingId, causes: Mapping[FindingId, FindingId]) -> Iterator[FindingId]:
    met: set[FindingId] = set()  # two findings about one subject look alike here, and may lead in a circle
    above: FindingId | None = cause
    while above and above not in met:
        met.add(above)
        yield above
        above = causes.get(above)


def _id(finding: Finding) -> FindingId:
    return FindingId(finding.check, finding.subject)


def _doubts(report: Report) -> Iterator[Annotation]:
    reasons, single = together(report)
    yield from (Annotation("warning", f"{each.cases:,} inconclusive cases", str(each)) for each in reasons)
    for kind in ("inconclusive", "warning"):
        yield from (_whole("warning", each) for each in worst_first(single) if each.kind == kind)


def _whole(level: Literal["error", "warning"], outcome: Outcome) -> Annotation:
    about = f"{outcome.check} of {outcome.parameter}" if outcome.parameter else outcome.check
    return Annotation(level, f"{about}: {outcome.kind}", plain_text(outcome))


def step_summary(report: Report, taken: int = 0) -> str:
    """Return `summary.md` as far as it fits below what other commands of the step wrote, `taken` bytes; "" if nothing does."""
    return fitting(summary(report), taken)


def fitting(summary: str, taken: int) -> str:
    """Return as much of a text as fits below what stands in a step's summary already, `taken` bytes; "" if nothing does."""
    text, room = ("\n" if taken else "") + summary, ROOM - taken
    return text if len(text.encode()) <= room else _cut(text, room - len(_CUT.encode()))


def _cut(text: str, room: int) -> str:
    """Return as many lines as fit; a fence that is open there is closed."""
    kept, fence = [], ""
    for line in text.splitlines(keepends=True):
        opened = fence or (line.strip() if re.match("```+text$", line) else "").removesuffix("text")
        room -= len(line.encode())
        if room < len(opened) + 1:
            break
        fence = "" if line == f"{fence}\n" else opened
        kept.append(line)
    return "".join([*kept, f"{fence}\n" if fence else "", _CUT]) if kept else ""
