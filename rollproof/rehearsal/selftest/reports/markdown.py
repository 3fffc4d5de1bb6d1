"""selftest.md: what a pull request and the summary of a step show."""

from collections.abc import Iterator, Sequence

from rollproof.model.amounts import counted
from rollproof.rehearsal.selftest.outcome import BLIND, WORDS
from rollproof.rehearsal.selftest.reports.told import ToldFault, ToldKind, ToldReason, ToldSelfTest
from rollproof.report.markdown import MOST
from rollproof.report.markdown_text import cell, cut, fenced, folded

ROWS = 100
"""How many rows of a table and faults are shown; selftest.json has all."""
_ALL = "all in selftest.json"


def summary(told: ToldSelfTest) -> str:
    """Return the verdict, what to do, what was missed, the reasons, and the matrix."""
    lines = [f"# {cell(told.verdict)}", "", f"**{cell(told.sentence)}**", "", f"What to do: {cell(told.advice)}"]
    lines += ["", "| | |", "|---|---|"]
    facts = (
        ("Database", told.database),
        ("As role", told.role),
        ("Reference", told.reference or "none"),
        ("Tried on", told.where),
        ("Began", f"{told.started}; took {told.seconds:,.1f} s"),
    )
    lines += [f"| {word} | {cell(text)} |" for word, text in facts if text]
    lines += [*_missed(told.of("missed")), *_alarms(told), *_reasons("Not seen, and why", told.why(*BLIND))]
    lines += [*_reasons("Seen, but otherwise", told.why("seen")), *_matrix(told)]
    lines += [*_reasons("Not planted", told.why("not planted")), *_rest(told)]
    return cut("\n".join(lines) + "\n", MOST)


def _missed(faults: Sequence[ToldFault]) -> Iterator[str]:
    if faults:
        yield from ("", f"## Missed: {counted(len(faults), 'fault')}, and nothing of yours explains it")
    for each in faults[:ROWS]:
        yield from (
            "",
            f"**{cell(each.kind)}**: {cell(each.title)}",
            "",
            fenced(each.statement, "sql"),
        )
    if len(faults) > ROWS:
        yield from ("", f"and {len(faults) - ROWS:,} more, {_ALL}")


def _alarms(told: ToldSelfTest) -> Iterator[str]:
    rows = [f"| {cell(each.name)} | {cell(', '.join(each.found))} |" for each in told.harmless if each.found]
    if rows:
        yield from ("", "## False alarms: harmless, and told as a difference", "", "| change | told of |", "|---|---|")
        yield from _capped(rows, 2)


def _reasons(title: str, reasons: Sequence[ToldReason]) -> Iterator[str]:
    """Yield a table of reasons; it says what would end them if that is known of any."""
    mends = any(each.mend for each in reasons)
    rows = [f"{_reason(each)} {cell(each.mend)} |" if mends else _reason(each) for each in reasons]
    if rows:
        head = ("| word | faults | of | why | such as |", "|---|--:|---|---|---|")
        more = (" to see it |", "---|") if mends else ("", "")
        yield from ("", f"## {title}", "", head[0] + more[0], head[1] + more[1], *_capped(rows, 5 + mends))


def _reason(each: ToldReason) -> str:
    cells = (each.word, f"{each.faults:,}", ", ".join(each.kinds), each.reason, each.examples[0])
    return f"| {' | '.join(map(cell, cells))} |"


def _matrix(told: ToldSelfTest) -> Iterator[str]:
    if told.matrix:
        head = (f"| kind | faults | {' | '.join(WORDS)} |", f"|---|--:|{'--:|' * len(WORDS)}")
        yield from ("", "## The matrix", "", *head, *_capped([*map(_row, told.matrix)], len(WORDS) + 2))
        yield _row(told.total)


def _row(kind: ToldKind) -> str:
    numbers = (kind.listed, *(kind.words[word] for word in WORDS))
    return f"| {cell(kind.kind)} | {' | '.join(f'{number:,}' if number else '' for number in numbers)} |"


def _rest(told: ToldSelfTest) -> Iterator[str]:
    lines = [f"- {cell(sentence)}" for sentence in told.sentences]
    lines += [f"- not made: {cell(each)}" for each in told.not_made]
    lines += [f"- left out of the copy: {cell(each)}" for each in told.left_out]
    lines += [f"- {cell(each)}" for each in told.notes]
    yield from folded("What else is to be known", lines[:ROWS])


def _capped(rows: list[str], columns: int) -> list[str]:
    if len(rows) <= ROWS:
        return rows
    return [*rows[:ROWS], f"| and {len(rows) - ROWS:,} more, {_ALL} |{' |' * (columns - 1)}"]


RENDERS = ("selftest.md", summary)
