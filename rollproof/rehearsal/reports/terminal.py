"""The lines on the terminal: what took place, what differs and where it comes from, and last the verdict, which stays in sight."""

from collections.abc import Iterator, Sequence
from itertools import islice

from rollproof.model.amounts import counted
from rollproof.model.plain_text import more
from rollproof.model.printable import harmless, one_line
from rollproof.rehearsal.record import ABOVE, CLOSED, Word
from rollproof.rehearsal.reports.costs_text import costs
from rollproof.rehearsal.reports.doors_text import doors_lines
from rollproof.rehearsal.reports.timeline import together
from rollproof.rehearsal.reports.told import Told, ToldRehearsal, ToldRoot, ToldStage
from rollproof.report.columns import wrapped

WIDE = 100
"""Columns; only names, statements and what a command said may be longer."""
ROOTS = 10
"""How many differences are printed of one stage; rehearsal.json has all."""
_SAID = 10  # lines of what a command said
_WORDS: dict[Word, str] = {
    "good": "good",
    "warning": "warning",
    "bad": "BAD",
    "undecided": "UNDECIDED",
    "irreversible": "no way back",
}
_EXIT = {
    0: "exit code 0: good",
    1: "exit code 1: the rollback is at fault",
    7: "exit code 7: nothing failed, but something could not be decided",
}
_OTHERWISE = {
    ABOVE: "exit code 1: a limit was passed",
    CLOSED: "exit code 1: an application does not live on a schema, and has to (--require-doors)",
}


def lines(told: Told, written: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines about rehearsals; `written` are the reports' files."""
    for one in told.rehearsals:
        yield from _rehearsal(one, alone=len(told.rehearsals) == 1)
        yield ""
    yield from _wrapped(f"{told.verdict}: {told.sentence}")
    yield from _wrapped(f"what to do: {told.advice}", "            ")
    yield from written
    yield _OTHERWISE.get(told.verdict) or _EXIT[told.exit_code]


def _rehearsal(one: ToldRehearsal, *, alone: bool) -> Iterator[str]:
    told = {"source": one.source, "tool": one.tool, "server": one.where}
    yield from (f"{word:<8} {harmless(one_line(text))}" for word, text in told.items() if text)
    if not alone:
        yield from _wrapped(f"verdict  {one.verdict}: {one.sentence}", "         ")
    yield ""
    found = one.fresh()
    groups = together(one.stages)
    width = min(44, max((len(one_line(_name(group))) for group in groups), default=0))
    for group in groups:
        yield from _group(group, width)
        for _, new, same in islice(found, len(group)):
            yield from _differences(new, same)
        yield from (line for stage in group if stage.doors for line in doors_lines(stage.doors, WIDE))
    yield from _crashes(one)
    yield from _shown("left out", one.left_out)
    yield from _shown("note", one.notes)


def _name(group: Sequence[ToldStage]) -> str:
    return group[0].revision if len(group) > 1 else group[0].title


def _group(group: Sequence[ToldStage], width: int) -> Iterator[str]:
    """Yield a line for a stage, or for all of one revision, and why it is not good."""
    bad = [stage for stage in group if stage.word != "good"]
    told = [stage for stage in group if stage.word != "good" or stage.remark]
    words = ", ".join(dict.fromkeys(_WORDS[stage.word] for stage in bad)) or "good"
    yield f"{harmless(one_line(_name(group))):<{width}} {sum(stage.seconds for stage in group):8.1f} s  {words}"
    for stage in told:
        yield from _said(f"{stage.name}: {stage.sentence}" if len(group) > 1 else stage.sentence)
    cost = costs(group[0].costs) if len(group) == 1 else ""  # of a staircase each stage has its own, on the page
    yield from _wrapped(f"    {cost}", "    ") if cost else ()


def _said(text: str) -> Iterator[str]:
    """Yield a sentence, and below it the end of what a command said."""
    first, *rest = text.splitlines() or [""]
    yield from _wrapped(f"    {first}", "    ") if first else ()
    yield from (f"    | {harmless(line)}" for line in rest[-_SAID:])


def _differences(new: Sequence[ToldRoot], same: int) -> Iterator[str]:
    for root in new[:ROOTS]:
        yield from _root(root)
    yield from more(len(new), "  - and {} more differences, all in rehearsal.json", ROOTS)
    if same:
        yield f"  - {'and ' if new else ''}{'the same' if same == 1 else f'{same:,} of the same'} as above"


def _root(root: ToldRoot) -> Iterator[str]:
    follow = f", and {counted(len(root.following), 'difference')} more that follow from it" if root.following else ""
    yield from _wrapped(f"  - {root.check}: {root.sentence}{follow}", "    ")
    if root.origin:
        yield from _wrapped(f"    {root.origin}", "      ")
    for each in root.mends[:3]:
        first, *rest = each.splitlines() or [""]
        yield from (f"    to mend it: {harmless(first)}", *(f"        {harmless(line)}" for line in rest))


def _crashes(one: ToldRehearsal) -> Iterator[str]:
    if not one.crashes:
        return
    yield f"cut at {counted(len(one.crashes), 'place')}: the rollback brought all back from {one.healed:,}"
    yield from (line for text in one.warned for line in _wrapped(f"  {text}", "    "))
    for alike in one.lost[:ROOTS]:
        more_cuts = f", and {len(alike) - 1:,} more that end alike" if alike[1:] else ""
        yield from _wrapped(f"  {alike[0].title}{more_cuts}: {alike[0].text[:200]}", "    ")
        yield from _said(alike[0].trouble)
        for root in alike[0].roots[:3]:
            yield from _root(root)
    yield from more(len(one.lost), "  and {} more, all in rehearsal.json", ROOTS)


def _shown(word: str, texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from _wrapped(f"{word}: {text}", "    ")


def _wrapped(text: str, further: str = "") -> Iterator[str]:
    """Yield a text of one line as several that fit; it begins where it begins, and the `further` ones as that says."""
    yield from wrapped(text, text[: len(text) - len(text.lstrip(" "))], further, WIDE)
