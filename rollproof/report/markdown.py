"""The report as GitHub-flavoured Markdown: what a pull request shows. What differs and why is open, the rest is folded."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rollproof.model.amounts import counted
from rollproof.model.plain_text import SHOWN, TOGETHER, finding_text, harmless_part, more, plain_text
from rollproof.model.row_words import rows_in_words
from rollproof.report.markdown_text import ALL, cell, cut, fenced, folded
from rollproof.report.page_values import is_command
from rollproof.report.reasons import together, worst_first
from rollproof.verdict.outcome import KINDS, Outcome, Report, is_own
from rollproof.verdict.overview import Cause, Overview, Place, overview

MOST = 64_000
"""Bytes of the whole: it fits into a comment, of which GitHub takes 65,536 letters; a step's summary may have 1 MiB."""
LISTED = 200
"""Lines of a list."""
_NAMED = 5  # tables that are named where several differ alike
_WORDS = 6  # causes that are named beside a table
_EXAMPLE = 1_500  # letters of what was and is, and of statements, of one cause
_ROOM = {  # bytes of each part, and whatever the parts above it left; together not more than MOST
    "head": 10_000,
    "trouble": 4_000,
    "recommendation": 4_000,
    "checklist": 3_000,
    "incident": 3_000,
    "places": 8_000,
    "causes": 9_000,
    "failures": 6_000,
    "doubts": 5_000,
    "warnings": 2_000,
    "evidence": 2_000,
    "checks": 2_000,
    "rolled back": 2_000,
    "unchecked": 2_000,
    "held": 2_000,
}


def summary(report: Report) -> str:
    """Return the verdict, which tables differ, why, and what mends it; folded, what else is known. At most `MOST` bytes."""
    seen = overview(report)
    parts = {
        "head": _head(report, seen),
        "trouble": ["", "## Why nothing could be checked", "", fenced(report.trouble)] if report.trouble else [],
        "recommendation": _recommendation(report),
        "checklist": _checklist(report),
        "incident": _incident(report),
        "places": _places(seen, "as before" if report.selection.whole else "as before in what was asked"),
        "causes": _causes(seen),
        "failures": _evidence(report, _failures(report)),
        "doubts": _doubts(report),
        "warnings": _warnings(report, seen),
        "evidence": _cases(report),
        "checks": _checks(report),
        "rolled back": _rolled_back(report),
        "unchecked": _unchecked(report),
        "held": _held(report),
    }
    return "".join(_fitted(parts))


def _fitted(parts: Mapping[str, list[str]]) -> Iterator[str]:
    room = 0
    for name, lines in parts.items():
        room += _ROOM[name]
        text = cut("\n".join([*lines, ""]), room) if lines else ""
        room -= len(text.encode("utf-8", "replace"))
        yield text


def _head(report: Report, seen: Overview) -> list[str]:
    told = [*report.provenance.head, ("Checked", f"{report.phase}, {report.selection}")]
    steps = [fenced(step, "sh", _EXAMPLE) if is_command(step) else cell(step) for step in seen.next_steps]
    return [
        f"# {cell(report.verdict)}",
        "",
        f"**{cell(report.sentence)}**",
        *(["", cell(seen.headline)] if seen.headline else []),
        "",
        "| | |",
        "|---|---|",
        *(f"| {word} | {cell(text)} |" for word, text in told),
        *(["", "**What to do now**"] if steps else []),
        *(line for step in steps for line in ("", step)),
    ]


def _recommendation(report: Report) -> list[str]:
    if not (advice := report.recommendation):
        return []
    lines = [f"- {word}: {cell(entry)}" for word, entries in advice.lists for entry in entries]
    return ["", f"## Recommendation: {cell(advice.roll_back)}", "", cell(str(advice)), "", *_capped(lines, "- {}")]


def _checklist(report: Report) -> list[str]:
    """Return the items, ticked where they are done; the state of the others in words."""
    if not report.checklist:
        return []
    lines = [
        f"- {'☑' if each.state == 'done' else '☐'} {cell(each.item)}"
        f"{'' if each.state == 'done' else f': **{each.state}**'}{f': {cell(each.told)}' if each.told else ''}"
        for each in report.checklist
    ]
    return ["", "## Checklist", "", *_capped(lines, "- {}")]


def _incident(report: Report) -> list[str]:
    if not (record := report.record):
        return []
    issue = record.opening.event.facts.get("issue", "")
    told = [f"**{cell(record.next_call)}**", ""] if record.next_call else []
    decided = [f"- {cell(each.when)} {cell(each.who)}: {cell(each.event.text)}" for each in record.decisions]
    head = f"## Incident {cell(issue)}: {cell(record.opening.event.text)}".replace(" :", ":")
    last = f"{counted(len(record.entries), 'event')} by now, told by record.md; SHA-256 of the last entry {record.head}"
    return ["", head, "", *told, *_capped(decided, "- {}"), "", cell(last)]


def _places(seen: Overview, equal: str) -> list[str]:
    """Return a row for each table that differs, or for those that differ by the same causes."""
    groups: dict[tuple[int, ...], list[Place]] = {}
    for place in seen.places:
        groups.setdefault(tuple(map(id, place.causes)), []).append(place)
    rows = [f"| {_names(group)} | {cell(group[0].causes[0].severity)} | {_said(group)} |" for group in groups.values()]
    if not rows:
        return []
    known = ((seen.equal, equal), (seen.accepted, "as a waiver accepts"), (seen.undecided, "not decided"))
    also = [f"{counted(len(names), 'table')} {words}" for names, words in known if names]
    header = ["", "## What differs", "", "| where | how bad | what |", "|---|---|---|"]
    return [*header, *_capped(rows, "| {} | | |"), *(["", "; ".join(also)] if also else [])]


def _names(group: Sequence[Place]) -> str:
    if len(group) == 1:
        return cell(group[0].name)
    noun = "table" if group[0].is_table else "object"
    return f"{counted(len(group), noun)}: {_few([place.name for place in group])}"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(map(cell, names[:_NAMED])) + more


def _said(group: Sequence[Place]) -> str:
    """Return the causes in words; of several places, what is true of all of them."""
    first, *others = group
    words = [cell(cause.words if others else cause.words_at(first.name)) for cause in first.causes]
    more = [f"and {len(words) - _WORDS:,} more"] if len(words) > _WORDS else []
    return " · ".join([*words[:_WORDS], *more])


def _causes(seen: Overview) -> list[str]:
    lines = [line for number, cause in enumerate(seen.causes[:SHOWN], 1) for line in _cause(number, cause)]
    left = [f"- {_few(cause.places)}: {cell(cause.words)}" for cause in seen.causes[SHOWN:]]
    return ["", "## Causes", *lines, *([""] if left else []), *_capped(left, "- {}")] if lines else []


def _cause(number: int, cause: Cause) -> Iterator[str]:
    first, *others = cause.places
    where, words = (f"{first} and {len(others):,} more", cause.words) if others else (first, cause.words_at(first))
    yield from ("", f"### {number}. {cell(where)}: {cell(words)}", "")
    yield f"Found by {cell(cause.check)} ({cell(cause.severity)})" + (f" in {_few(cause.places)}" if others else "")
    yield from ("", fenced(finding_text(cause.roots[0]), most=_EXAMPLE))
    if told := [f"- {cell(each.table)}: {cell(words)}" for each in cause.rows if (words := rows_in_words(each))]:
        yield from ("", *told[:_NAMED], *more(len(told), "- and {} more tables", _NAMED))
    if cause.statements:
        yield from ("", "To repair (review before running):", "")
        yield _statements([each.sql for each in cause.statements])
    if cause.advice:
        yield from ("", *(f"- {cell(each)}" for each in cause.advice[:_NAMED]))
    follow = [f"- {cell(each.check)}: {cell(each.sentence)}" for each in cause.consequences[:SHOWN]]
    number = len(cause.consequences)
    yield from folded(counted(number, "consequence"), [*follow, *more(number, f"- and {{}} more, {ALL}")])


def _statements(texts: Sequence[str]) -> str:
    shown = harmless_part(texts, letters=_EXAMPLE)
    left = [*more(len(texts), "-- and {} more: rollproof repair writes all")]
    return fenced("\n".join([*shown, *left]), "sql", _EXAMPLE) if shown else cell(TOGETHER.format(len(texts)))


def _failures(report: Report) -> list[Outcome]:
    """Return what failed without a finding of ours: checks of the user's own, errors, mistakes."""
    return [
        each
        for each in report.outcomes
        if each.kind in ("broken", "misuse")
        or (each.kind == "not restored" and (is_own(each.check) or not each.findings))
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
    return f"### {cell(outcome.check)}{label}: {outcome.kind} ({cell(outcome.severity)})"


def _doubts(report: Report) -> list[str]:
    reasons, single = together(report)
    lines = []
    for reason in reasons[:SHOWN]:
        lines += ["", f"## {reason.cases:,} inconclusive cases, for one reason", "", fenced(str(reason))]
    lines += [line for left in more(len(reasons), f"and {{}} more reasons, {ALL}") for line in ("", left)]
    return [*lines, *_evidence(report, [each for each in single if each.kind == "inconclusive"])]


def _warnings(report: Report, seen: Overview) -> list[str]:
    warned = [each for each in report.outcomes if each.kind == "warning"]
    lines = [f"- {_few(cause.places)}: {cell(cause.words)}" for cause in seen.warnings]
    found = [*(["", "## Warnings", "", *_capped(lines, "- {}")] if lines else [])]
    return [*found, *folded(f"{counted(len(warned), 'case')} with warnings", _evidence(report, warned))]


def _cases(report: Report) -> list[str]:
    """Return, folded, what each case found whose causes are told above."""
    told = [
        each for each in report.outcomes if each.kind == "not restored" and each.findings and not is_own(each.check)
    ]
    return folded(f"{counted(len(told), 'case')} that failed, with all that was found", _evidence(report, told))


def _checks(report: Report) -> list[str]:
    counts: dict[str, Counter[str]] = {}
    for outcome in report.outcomes:
        counts.setdefault(outcome.check, Counter())[outcome.kind] += 1
    rows = []
    for check in sorted(counts):
        said = ", ".join(f"{counts[check][kind]} {kind}" for kind in KINDS if counts[check][kind])
        rows.append(f"| {cell(check)} | {cell(report.promises.get(check, ''))} | {said} |")
    table = ["| check | what it promises | outcome |", "|---|---|---|", *_capped(rows, "| {} | | |")]
    return folded(f"{counted(len(counts), 'check')}, and what came of them", table) if rows else []


def _rolled_back(report: Report) -> list[str]:
    """Return, folded, what the rollback changed."""
    if not (told := report.rollback_changes):
        return []
    lines = [f"- {cell(each.facet)}, {word}: {_few(objects)}" for each in told.objects for word, objects in each.words]
    number = counted(sum(map(len, told.objects)), "object")
    said = f"Held against {cell(told.path)}, kept {cell(told.taken)}. It changes no verdict."
    return folded(f"What the rollback changed: {number}", [said, "", *_capped(lines, "- {}")])


def _unchecked(report: Report) -> list[str]:
    reasons = sorted({(each.check, each.reason) for each in report.outcomes if each.kind == "not checked"})
    lines = [f"- {cell(check)}: {cell(reason)}" for check, reason in reasons]
    lines += [f"- accepted: {cell(str(each))}" for each in report.waived]
    lines += [f"- {cell(str(note))}" for note in (*report.not_configured, *report.notes)]
    if report.not_compared:
        lines.append("- not compared: what no check looks at, told by rollproof explain --not-compared")
    return folded("Not checked, and notes", _capped(lines, "- {}"))


def _held(report: Report) -> list[str]:
    lines = [f"| {cell(word)} | {cell(text)} |" for word, text in report.provenance.details]
    return folded("What was compared with what", ["| | |", "|---|---|", *lines])


def _capped(lines: list[str], last: str) -> list[str]:
    if len(lines) <= LISTED:
        return lines
    return [*lines[:LISTED], last.format(f"and {len(lines) - LISTED:,} more, {ALL}")]


RENDERS = ("summary.md", summary)
