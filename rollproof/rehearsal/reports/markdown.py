"""rehearsal.md: what a pull request and the summary of a step show."""

from collections.abc import Iterator, Sequence

from rollproof.model.amounts import counted
from rollproof.rehearsal.doors.door import Word as DoorWord
from rollproof.rehearsal.record import Word
from rollproof.rehearsal.reports.costs_text import costs
from rollproof.rehearsal.reports.told import Told, ToldCrash, ToldRehearsal, ToldRoot, ToldStage
from rollproof.rehearsal.reports.told_doors import ToldRemark
from rollproof.report.markdown import MOST
from rollproof.report.markdown_text import cell, cut, fenced

ROOTS = 20
"""How many differences are shown of one stage; rehearsal.json has all."""
ROWS = 200
_ALL = "all in rehearsal.json"
_WORDS: dict[Word, str] = {
    "good": "good",
    "warning": "warning",
    "bad": "**bad**",
    "undecided": "**undecided**",
    "irreversible": "no way back",
}
_PAIRS: dict[DoorWord, str] = {
    "works": "works",
    "refused": "**refused**",
    "in doubt": "**in doubt**",
    "not asked": "not asked",
}


def summary(told: Told) -> str:
    """Return the verdict, what to do, the differences with their origin, and tables of stages and crash points."""
    lines = [f"# {cell(told.verdict)}", "", f"**{cell(told.sentence)}**", "", cell(told.advice)]
    for one in told.rehearsals:
        lines += _rehearsal(one)
    return cut("\n".join(lines) + "\n", MOST)


def _rehearsal(one: ToldRehearsal) -> Iterator[str]:
    yield from ("", f"## On {cell(one.where)}: {cell(one.verdict)}", "", cell(one.sentence), "", "| | |", "|---|---|")
    facts = (("Source", one.source), ("Tool", one.tool), ("Began", one.started))
    yield from (f"| {word} | {cell(text)} |" for word, text in facts if text)
    yield f"| Took | {one.seconds:,.1f} s, of which the rollback's commands {one.rollback_seconds:,.1f} s |"
    for stage, new, same in one.fresh():
        if stage.word in ("bad", "undecided", "warning"):
            yield from _stage(stage, new, same)
    yield from _doors(one)
    yield from _table(one)
    yield from _crashes(one)
    told = [*(f"left out: {each}" for each in one.left_out), *one.notes]
    if told:
        yield from ("", "### Left out, and notes", "", *_capped([f"- {cell(each)}" for each in told], "- {}"))


def _stage(stage: ToldStage, new: Sequence[ToldRoot], same: int) -> Iterator[str]:
    first, *rest = stage.sentence.splitlines() or [""]
    yield from ("", f"### {cell(stage.title)}: {stage.word}", "", cell(first))
    if rest:
        yield from ("", fenced("\n".join(rest)))
    yield from _roots(new)
    if same:
        yield from ("", f"{'and ' if new else ''}{'the same' if same == 1 else f'{same:,} of the same'} as above")


def _doors(one: ToldRehearsal) -> Iterator[str]:
    for doors in (stage.doors for stage in one.stages if stage.doors):
        yield from (
            "",
            "### Which application lives on which schema",
            "",
            "| | old schema | new schema |",
            "|---|---|---|",
        )
        for application, corners in doors.table:
            yield f"| {application} application | {' | '.join(_PAIRS[corner.word] for corner in corners)} |"
        if rows := [_remark(each) for each in doors.remarks]:
            head = ("| pair | | where | statement | why |", "|---|---|---|---|---|")
            yield from ("", *head, *_capped(rows, "| {} | | | | |"))
        for corner, command in doors.failed:
            yield from ("", f"{corner.name}: {cell(f'{command.command} {command.ending}')}")
            yield from ("", fenced(command.said)) if command.said else ()
        yield from ("", *(f"- {cell(each)}" for each in doors.notes)) if doors.notes else ()


def _remark(each: ToldRemark) -> str:
    cells = cell(each.door.origin), cell(each.door.text), cell(each.sentence)
    return f"| {each.where} | {_PAIRS[each.word]} | {' | '.join(cells)} |"


def _roots(roots: Sequence[ToldRoot]) -> Iterator[str]:
    for root in roots[:ROOTS]:
        follow = [f"  - {cell(f'{each.check}: {each.sentence}')}" for each in root.following]
        yield from ("", f"- **{cell(root.check)}**: {cell(root.sentence)}")
        yield from (f"  - {cell(each)}" for each in (root.origin,) if each)
        yield from (f"  - before: {cell(each)}" for each in (root.before,) if each is not None)
        yield from (f"  - after: {cell(each)}" for each in (root.after,) if each is not None)
        yield from (f"  - to mend it: {cell(each)}" for each in root.mends)
        yield from follow[:ROOTS]
        yield from (f"  - and {len(follow) - ROOTS:,} more, {_ALL}" for _ in follow[ROOTS : ROOTS + 1])
    if len(roots) > ROOTS:
        yield from ("", f"and {len(roots) - ROOTS:,} more, {_ALL}")


def _table(one: ToldRehearsal) -> Iterator[str]:
    rows = [
        f"| {cell(stage.title)} | {stage.seconds:,.1f} | {_WORDS[stage.word]} | {stage.sent or ''} | {cell(_cost(stage))} |"
        for stage in one.stages
    ]
    if rows:
        head = ("| stage | seconds | outcome | statements | cost |", "|---|--:|---|--:|---|")
        yield from ("", "### Stages", "", *head, *_capped(rows, "| {} | | | | |"))


def _cost(stage: ToldStage) -> str:
    return "; ".join(filter(None, [stage.remark, costs(stage.costs)]))


def _crashes(one: ToldRehearsal) -> Iterator[str]:
    if not one.crashes:
        return
    yield from (
        "",
        f"### Cut at {counted(len(one.crashes), 'place')}: the rollback brought all back from {one.healed:,}",
    )
    if one.warned:
        yield from ("", *(f"- {cell(each)}" for each in one.warned))
    if one.lost:
        head = ("| cut | statement | what was left |", "|---|---|---|")
        yield from ("", *head, *_capped([_crash(each) for each in one.lost], "| {} | | |"))


def _crash(alike: tuple[ToldCrash, ...]) -> str:
    crash = alike[0]
    left = "; ".join([*([crash.trouble] if crash.trouble else []), *(root.sentence for root in crash.roots)])
    more = f", and {len(alike) - 1:,} more" if alike[1:] else ""
    return f"| {cell(crash.title)}{more} | {cell(crash.text)} | {cell(left)} |"


def _capped(lines: list[str], last: str) -> list[str]:
    if len(lines) <= ROWS:
        return lines
    return [*lines[:ROWS], last.format(f"and {len(lines) - ROWS:,} more, {_ALL}")]


RENDERS = ("rehearsal.md", summary)
