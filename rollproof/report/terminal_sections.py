"""The parts of what a phase prints below its verdict, each as blocks of lines. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from rollproof.model.amounts import counted
from rollproof.model.plain_text import row_line
from rollproof.report.blocks import Block, Line, Section, Tone
from rollproof.report.columns import beside, width_of, wrapped
from rollproof.report.reasons import Reason, not_checked, together
from rollproof.verdict.checklist import ItemState
from rollproof.verdict.outcome import Outcome, Report, is_own
from rollproof.verdict.overview import Cause, Overview, Place

CONTENT = ("rows", "content")
"""Checks whose causes are told by the rows that differ."""
_COLUMN = 24  # columns of a table's name, unless all are shorter
_NAMED = 3  # tables that are named where several are told together; names of a doubt; reasons of a recommendation
_URGENT = 6  # lines of notes that warn
_LISTED = 6  # tables that are named where they differ alike
_EXAMPLES = 2  # rows of a table
_SAID = 6  # lines of what a check of the user's own says
_ROLE = ", and code that got to run here could do as much"
"""How the note goes on that is about a role with more rights than it needs."""
_ITEMS = 20  # of the checklist
_SIGN = 2  # columns of the sign that a line goes on
_OPENED = 20  # consequences that -v names of a cause


def places(seen: Overview, width: int, *, verbose: bool, examples: bool) -> Section:
    """Return what differs, a block for each table, or for tables that differ by the same causes; with `examples` of rows."""
    groups: dict[tuple[int, ...], list[Place]] = {}
    for place in seen.places:
        ours = tuple(id(cause) for cause in place.causes if not is_own(cause.check))
        if ours:
            groups.setdefault((place.is_table, *ours), []).append(place)
    labels = {ids: _label(group) for ids, group in groups.items()}
    column = 4 + max((width_of(label) for label in labels.values() if width_of(label) <= _COLUMN), default=0)
    how = _How(min(column, width // 2), width, verbose, examples)
    blocks = (_place(group, labels[ids], how) for ids, group in groups.items())
    return Section("table" if all(place.is_table for place in seen.places) else "object", tuple(blocks))


class _How(NamedTuple):
    """At which `column` texts begin, how wide lines are, whether consequences are named and rows shown."""

    column: int
    width: int
    verbose: bool
    examples: bool


def _label(group: Sequence[Place]) -> str:
    if len(group) == 1:
        return f"  {group[0].name or group[0].causes[0].check}"
    return f"  {len(group):,} {'tables' if group[0].is_table else 'objects'}"


def _place(group: Sequence[Place], label: str, how: _How) -> Block:
    causes = [cause for cause in group[0].causes if not is_own(cause.check)]
    said = [_cause(cause, group) for cause in causes]
    if len(group) > 1:
        names = [place.name for place in group]
        said.append(", ".join(names) if len(names) <= _LISTED else f"{names[0]} … {names[-1]}")
    told = [Line(line) for line in beside(label, " · ".join(said), how.column, how.width)]
    told[0] = told[0]._replace(lead=len(label))
    if len(group) == 1 and how.examples:
        told += map(Line, _examples(causes, group[0].name, how.column, how.width))
    if how.verbose:
        told += [Line(line) for cause in causes for line in _opened(cause, how.column, how.width)]
    return Block(tuple(told), len(group))


def _cause(cause: Cause, group: Sequence[Place]) -> str:
    said = cause.words_at(group[0].name) if len(group) == 1 else cause.words
    follow = len(cause.consequences) if len(cause.places) == len(group) else 0
    return f"{said} ({follow:,} follow{'s' if follow == 1 else ''} from it)" if follow else said


def _examples(causes: Sequence[Cause], place: str, column: int, width: int) -> Iterator[str]:
    found = {report.table: report for cause in causes for report in cause.rows if report.table == place and report.rows}
    for report in found.values():
        known = report.against.startswith("the reference ")  # which stands in the head
        heading = f"compared with {report.against}:" if report.against and not known else ""
        for line in (*filter(None, [heading]), *map(row_line, report.rows[:_EXAMPLES])):
            yield from wrapped(line, " " * column, " " * (column + 2), width)


def _opened(cause: Cause, column: int, width: int) -> Iterator[str]:
    for each in cause.consequences[:_OPENED]:
        yield from wrapped(f"follows: {each.check}: {each.sentence}", " " * column, " " * (column + 2), width)
    if len(cause.consequences) > _OPENED:
        yield f"{' ' * column}and {len(cause.consequences) - _OPENED:,} more that follow"


def failures(report: Report, width: int) -> Section:
    """Return what failed without a finding of ours: checks of the user's own, with what they say, and errors."""
    told = [each for each in report.outcomes if each.kind in ("broken", "misuse")]
    told += [
        each for each in report.outcomes if each.kind == "not restored" and (is_own(each.check) or not each.findings)
    ]
    return Section("failed check", tuple(_failure(each, width) for each in told))


def _failure(outcome: Outcome, width: int) -> Block:
    word = "" if outcome.kind == "not restored" else f"{outcome.kind.upper()}: "
    first, *rest = [*(finding.sentence for finding in outcome.findings), *_said(outcome)] or ["it failed"]
    told = [*wrapped(f"{word}{_case(outcome)}: {first}", "  ", "    ", width)]
    cut = rest if len(rest) <= _SAID else [*rest[: _SAID - 2], "…", rest[-1]]
    told += [line for text in cut for line in wrapped(text, "    ", "      ", width)]
    return Block(tuple(map(Line, told)))


def _said(outcome: Outcome) -> list[str]:
    """Return the lines of a case's reason; of a traceback those of the exception and of its place."""
    every = [line for line in outcome.reason.splitlines() if line.strip()]
    raised = [line[1:].strip() for line in every if line.startswith("E  ")]
    return [*raised, every[-1]] if raised and outcome.kind == "broken" else every


def _case(outcome: Outcome) -> str:
    return f"{outcome.check} [{outcome.parameter}]" if outcome.parameter else outcome.check


def doubts(report: Report, width: int) -> Section:
    """Return what could not be decided: one block for each reason that several cases share, then the others."""
    shared, single = together(report)
    told = [_shared(reason, width) for reason in shared]
    told += [_single(each, width) for each in single if each.kind == "inconclusive"]
    return Section("doubt", tuple(told))


def _shared(reason: Reason, width: int) -> Block:
    first, *rest = reason.text.splitlines() or ["no reason is known"]
    more = f" and {len(reason.names) - _NAMED:,} more" if len(reason.names) > _NAMED else ""
    about = f"{reason.cases:,} cases of {_few(reason.checks)}, about {', '.join(reason.names[:_NAMED])}{more}"
    told = [*wrapped(f"INCONCLUSIVE: {first}", "", "  ", width)]
    told += [line for text in (*rest, about) for line in wrapped(text, "  ", "    ", width)]
    return Block(tuple(map(Line, told)), reason.cases)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")


def _single(outcome: Outcome, width: int) -> Block:
    unknown = [f"{each.subject}: {each.reason}" for each in outcome.unknown[:_NAMED]]
    more = [f"and {len(outcome.unknown) - _NAMED:,} more"] if len(outcome.unknown) > _NAMED else []
    said = [line for text in (outcome.reason, *unknown, *more) for line in text.splitlines()]
    first, *rest = said or ["no reason is known"]
    told = [*wrapped(f"INCONCLUSIVE: {_case(outcome)}: {first}", "", "  ", width)]
    told += [line for text in rest for line in wrapped(text, "  ", "    ", width)]
    return Block(tuple(map(Line, told)))


def warnings(seen: Overview, width: int) -> Section:
    """Return the warnings, each on its own, with the statement that heals it."""
    where = _few([cause.places[0] or cause.check for cause in seen.warnings])
    return Section("warning", tuple(_warning(cause, width) for cause in seen.warnings), f"warnings: {where}")


def _warning(cause: Cause, width: int) -> Block:
    where = _few(cause.places) if any(cause.places) else cause.check
    more = f" … ({len(cause.statements):,} statements)" if len(cause.statements) > 1 else ""
    heals = f" · {cause.statements[0].sql.splitlines()[0]}{more}" if cause.statements else ""
    told = wrapped(f"warning: {where}: {cause.words}{heals}", "", "  ", width)
    return Block(tuple(Line(line, tone="part") for line in told), len(cause.roots))


def plans(report: Report, width: int) -> Section:
    """Return how queries and look-ups by keys are planned, before and now."""
    told = (_lines(f"planned: {each}", width) for each in sorted(report.plans, key=lambda plan: plan.query))
    return Section("plan", tuple(told))


def unchecked(report: Report, width: int) -> Section:
    """Return what was not checked, once for each reason."""
    found: Mapping[str, Sequence[str]] = not_checked(report)
    told = (wrapped(f"not checked: {_few(checks)}: {reason}", "", "  ", width) for reason, checks in found.items())
    checks = sorted({check for some in found.values() for check in some})
    return Section("reason", tuple(Block(tuple(map(Line, lines))) for lines in told), f"not checked: {_few(checks)}")


def urgent(report: Report, width: int) -> Iterator[Line]:
    """Yield the notes that warn of the run itself: no verdict is to be read without them."""
    told = (line for note in report.notes if _warns(note) for line in _lines(note, width).lines)
    yield from islice(told, _URGENT)


def notes(report: Report, width: int, *, verbose: bool) -> Section:
    """Return other things to know about this run, each by its first sentence unless `verbose`."""
    told = [note for note in report.notes if not _warns(note)]
    return Section("note", tuple(_lines(note if verbose else _first_sentence(note), width) for note in told))


def _warns(note: str) -> bool:
    return note.startswith("WARNING")


def _first_sentence(note: str) -> str:
    first = (note.splitlines() or [""])[0]
    role, found, _ = first.partition(_ROLE)
    return f"{role}: rollproof doctor says more" if found else first.partition(". ")[0].partition("; ")[0]


_MARKS: Mapping[ItemState, str] = {
    "done": "[x]",
    "failed": "[!]",
    "in doubt": "[?]",
    "not configured": "[-]",
    "by hand": "[ ]",
}
"""What stands before an item of the checklist; a person ticks an empty box."""
_TONES: Mapping[ItemState, Tone] = {"failed": "bad", "in doubt": "open"}


def checklist(report: Report, width: int) -> Iterator[Line]:
    """Yield the checklist, a line for each item; the reports have the whole text of each."""
    if report.checklist:
        yield Line("checklist: [x] done  [!] failed  [?] in doubt  [-] not configured  [ ] by hand")
    for item in report.checklist[:_ITEMS]:
        said = f"{_MARKS[item.state]} {item.item}{f': {item.told}' if item.told else ''}"
        first, *rest = wrapped(said, "  ", "      ", width - _SIGN)
        yield Line(f"{first} …" if rest else first, tone=_TONES.get(item.state, ""))
    if len(report.checklist) > _ITEMS:
        yield Line(f"  … and {len(report.checklist) - _ITEMS:,} more items in the report")


def accepted(report: Report, width: int) -> Section:
    """Return the differences that waivers accepted: a good verdict is no word about these."""
    brief = f"accepted by {counted(len(report.waived), 'waiver')}: {_few([each.identity for each in report.waived])}"
    return Section("accepted difference", tuple(_lines(f"accepted: {each}", width) for each in report.waived), brief)


def rolled_back(report: Report, width: int, *, verbose: bool) -> Section:
    """Return what the rollback changed, in one line; `verbose` names the objects. It is no part of the verdict."""
    if not (told := report.rollback_changes):
        return Section("change")
    blocks = [_lines(str(told), width)]
    if verbose:
        lines = (
            f"  {each.facet}, {word}: {', '.join(objects[:_LISTED])}{f' and {left:,} more' if left > 0 else ''}"
            for each in told.objects
            for word, objects in each.words
            for left in [len(objects) - _LISTED]
        )
        blocks += [Block(tuple(map(Line, wrapped(line, "  ", "    ", width)))) for line in lines]
    return Section("change", tuple(blocks), "what the rollback changed")


def not_asked(report: Report, width: int) -> Section:
    """Return what nobody set up to be checked, and where it stands what no check looks at."""
    blocks, brief = [], ""
    if report.not_configured:
        brief = f"not configured: {', '.join(sorted(each.feature for each in report.not_configured))}"
        number = sum(len(feature.checks) for feature in report.not_configured)
        blocks.append(_lines(f"{brief} ({counted(number, 'check')})", width))
    if report.not_compared:
        blocks.append(_lines("not compared: what no check looks at, told by: rollproof explain --not-compared", width))
    return Section("thing not asked", tuple(blocks), brief)


def _lines(text: str, width: int) -> Block:
    return Block(tuple(map(Line, wrapped(text, "", "  ", width))))


def recommended(report: Report, width: int) -> Iterator[Line]:
    """Yield what to do after a migration, and why, in a few lines."""
    if advice := report.recommendation:
        yield from (Line(line, bold=True) for line in wrapped(f"RECOMMENDATION: {advice}", "", "  ", width))
        for word, entries in advice.lists:
            if entries:
                more = f"; and {len(entries) - _NAMED:,} more" if len(entries) > _NAMED else ""
                yield from map(Line, wrapped(f"{word}: {'; '.join(entries[:_NAMED])}{more}", "  ", "    ", width))
