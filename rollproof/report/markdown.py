"""The report as GitHub-flavoured Markdown: what a pull request shows."""

import re
from collections import Counter
from collections.abc import Iterable

from rollproof.model.plain_text import SHOWN, plain_text
from rollproof.model.printable import harmless
from rollproof.report.html import name
from rollproof.report.reasons import together, worst_first
from rollproof.verdict.outcome import KINDS, Outcome, Report

# GitHub drops a step's summary of more than 1 MiB whole, so everything that can grow has its limit.
LISTED = 200  # lines of a list
CELL = 500  # characters of a cell
EVIDENCE = 8_000  # characters of one case's evidence
ALL = "all in result.json"


def summary(report: Report) -> str:
    """Return the verdict, what it is about, the evidence, a table of the checks, and what was not checked."""
    lines = [f"# {cell(report.verdict)}", "", f"**{cell(report.sentence)}**", "", "| | |", "|---|---|"]
    told = [*report.provenance.head, ("Checked", f"{report.phase}, {report.selection}")]
    lines += [f"| {word} | {cell(text)} |" for word, text in told]
    lines += _advice(report)
    if report.trouble:
        lines += ["", "## Why nothing could be checked", "", fenced(report.trouble)]
    reasons, single = together(report)
    for reason in reasons[:SHOWN]:
        lines += ["", f"## {reason.cases:,} inconclusive cases, for one reason", "", fenced(str(reason))]
    bad = [each for each in single if each.kind not in ("warning", "verified", "not checked")]
    lines += _evidence(report, bad)
    if warnings := [each for each in report.outcomes if each.kind == "warning"]:
        lines += ["", "## Warnings", *_evidence(report, warnings)]
    return "\n".join([*lines, *_table(report), *_unchecked(report), *_held(report)]) + "\n"


def _advice(report: Report) -> list[str]:
    if not (advice := report.recommendation):
        return []
    lines = [f"- {word}: {cell(entry)}" for word, entries in advice.lists for entry in entries]
    return [
        "",
        f"## Recommendation: {cell(advice.roll_back)}",
        "",
        f"{cell(str(advice))}",
        "",
        *_capped(lines, "- {}"),
    ]


def _evidence(report: Report, outcomes: Iterable[Outcome]) -> list[str]:
    found = worst_first(outcomes)
    lines = []
    for outcome in found[:SHOWN]:
        advice = report.advice.get(outcome.check, "") if outcome.kind == "not restored" else ""
        lines += ["", _heading(outcome), "", fenced(f"{plain_text(outcome)}\n{advice}".strip())]
    return [*lines, *(["", f"and {len(found) - SHOWN:,} more, {ALL}"] if len(found) > SHOWN else [])]


def _heading(outcome: Outcome) -> str:
    label = f" {cell(outcome.parameter)}" if outcome.parameter else ""
    return f"## {cell(outcome.check)}{label}: {outcome.kind} ({cell(outcome.severity)})"


def _table(report: Report) -> list[str]:
    counts: dict[str, Counter[str]] = {}
    for outcome in report.outcomes:
        counts.setdefault(outcome.check, Counter())[outcome.kind] += 1
    if not counts:
        return []
    rows = []
    for check in sorted(counts):
        said = ", ".join(f"{counts[check][kind]} {kind}" for kind in KINDS if counts[check][kind])
        rows.append(f"| {cell(check)} | {cell(report.promises.get(check, ''))} | {said} |")
    return [
        "",
        "## Checks",
        "",
        "| check | what it promises | outcome |",
        "|---|---|---|",
        *_capped(rows, "| {} | | |"),
    ]


def _held(report: Report) -> list[str]:
    lines = [f"| {cell(word)} | {cell(text)} |" for word, text in report.provenance.details]
    return ["", "## What was compared with what", "", "| | |", "|---|---|", *lines]


def _unchecked(report: Report) -> list[str]:
    reasons = sorted({(each.check, each.reason) for each in report.outcomes if each.kind == "not checked"})
    lines = [f"- {cell(check)}: {cell(reason)}" for check, reason in reasons]
    lines += [f"- {cell(str(note))}" for note in (*report.not_configured, *report.notes)]
    return ["", "## Not checked, and notes", "", *_capped(lines, "- {}")] if lines else []


def _capped(lines: list[str], last: str) -> list[str]:
    if len(lines) <= LISTED:
        return lines
    return [*lines[:LISTED], last.format(f"and {len(lines) - LISTED:,} more, {ALL}")]


def cell(text: str) -> str:
    """Return text that stays in its cell: no markup, no link, no line end, nothing invisible, not without end."""
    plain = name(text if len(text) <= CELL else text[:CELL] + "…")
    marked = re.sub(r"([\\`*_{}\[\]()<>#|!&~$])", r"\\\1", plain)
    # At a line's start these begin a list or underline a heading; the last two would become links.
    return re.sub(r"^(\s*)([-+=])|^(\s*\d+)(?=[.)])|(?<=[a-z])(?=://)|(?<=www)(?=\.)", r"\1\3\\\2", marked)


def fenced(text: str) -> str:
    """Return text as a block that nothing in it ends, cut where it is too long."""
    shown = harmless(text if len(text) <= EVIDENCE else f"{text[:EVIDENCE]}\n… cut here, {ALL}")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


RENDERS = ("summary.md", summary)
