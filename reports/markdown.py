"""The report as GitHub-flavoured Markdown: what a pull request shows."""

import re
from collections import Counter

SHOWN = 20  # outcomes with evidence


def summary(report) -> str:
    """Return the verdict, what it is about, a table of the checks, and the evidence."""
    lines = [f"# {report.verdict}", "", _cell(report.sentence), "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_cell(getattr(report, name))} |" for name in ("subject", "reference", "phase", "started")]
    if report.trouble:
        lines += ["", _fenced(report.trouble)]
    lines += ["", "| check | what it promises | outcome |", "|---|---|---|"]
    for check, promise in report.promises.items():
        counts = Counter(outcome.kind for outcome in report.outcomes if outcome.check == check)
        if counts:
            said = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
            lines.append(f"| {_cell(check)} | {_cell(promise)} | {said} |")
    bad = [outcome for outcome in report.outcomes if outcome.kind not in ("verified", "not checked")]
    for outcome in bad[:SHOWN]:
        lines += [
            "",
            f"## {_cell(outcome.check)} {_cell(outcome.parameter)}: {outcome.kind}",
            "",
            _fenced(outcome.text),
        ]
    if len(bad) > SHOWN:
        lines += ["", f"and {len(bad) - SHOWN:,} more, all in result.json"]
    unchecked = sorted(
        {f"- {_cell(each.check)}: {_cell(each.text)}" for each in report.outcomes if each.kind == "not checked"}
    )
    if unchecked or report.notes:
        lines += ["", "## Not checked, and notes", "", *unchecked, *(f"- {_cell(note)}" for note in report.notes)]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return text that stays in its cell: no markup, no line end, no invisible character."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return re.sub(r"([\\`*_{}\[\]()<>#|!&~])", r"\\\1", plain)


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
