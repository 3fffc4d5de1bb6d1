"""fleet.md: the verdict of a fleet and its groups as GitHub-flavoured Markdown, for a pull request or a step's summary."""

from collections.abc import Iterator

from rollproof.model.amounts import counted
from rollproof.report.fleet.links import link
from rollproof.report.markdown import LISTED, MOST
from rollproof.report.markdown_text import cell, cut, fenced, folded
from rollproof.verdict.fleet.fleet_report import FleetReport
from rollproof.verdict.fleet.fleet_words import group_words, shared_words
from rollproof.verdict.fleet.group_repair import repairs_of
from rollproof.verdict.fleet.target_groups import TargetGroup

_HEAD = 50_000
"""Bytes of the groups; what is below them has the rest."""
_GROUPS = 50
_ROOTS = 10
_NAMES = 20
_ALL = "all in fleet.json"


def summary(report: FleetReport) -> str:
    """Return the verdict, the groups with their differences and targets, and what several groups share. At most `MOST` bytes."""
    above = cut("\n".join([*_head(report), *_groups(report), ""]), _HEAD)
    return above + cut("\n".join([*_below(report), ""]), MOST - len(above.encode("utf-8", "replace")))


def _head(report: FleetReport) -> Iterator[str]:
    yield from (
        f"# {cell(report.verdict)}",
        "",
        f"**{cell(report.sentence)}**",
        "",
        "| verdict | targets |",
        "|---|---|",
    )
    yield from (f"| {cell(word)} | {number:,} |" for word, number in report.counts.items())
    yield from ([f"| not verified | {len(report.missing):,} |"] if report.missing else [])
    took = f"{cell(report.phase)} of {cell(report.targets)} by {cell(report.executor)}, {report.seconds:,.1f} s"
    yield from ("", took)


def _groups(report: FleetReport) -> Iterator[str]:
    bad = [each for each in report.groups if each.exit_code]
    if bad:
        yield from ("", "## What is wrong, and in which targets")
    for group in bad[:_GROUPS]:
        yield from _group(group)
    if len(bad) > _GROUPS:
        yield from ("", f"and {counted(len(bad) - _GROUPS, 'more group')}, {_ALL}")


def _group(group: TargetGroup) -> Iterator[str]:
    yield from (
        "",
        f"### {cell(group_words(group))}",
        "",
        f"{cell(group.verdict)}{f', {cell(group.severity)}' if group.severity else ''}",
    )
    told = [f"- {cell(str(root))} ({cell(root.check)})" for root in group.roots[:_ROOTS]] if _are_several(group) else []
    told += [f"- {cell(reason)}" for reason in group.reasons[1:]]
    left = len(group.roots[_ROOTS:]) + group.left_out
    yield from (["", *told, *([f"- and {counted(left, 'more difference')}"] if left else [])] if told else [])
    names = [
        f"- [{cell(each.name)}]({link(each)})" if link(each) else f"- {cell(each.name)}"
        for each in group.targets[:_NAMES]
    ]
    more = len(group.targets) - _NAMES
    yield from folded(
        counted(len(group.targets), "target"), [*names, *([f"- and {more:,} more, {_ALL}"] if more > 0 else [])]
    )
    for each in repairs_of(group):
        yield from ("", f"To repair {counted(len(each.targets), 'target')}, read {cell(each.file)} first")
        yield from (["", fenced(each.command, "sh")] if each.command else [])


def _are_several(group: TargetGroup) -> bool:
    return len(group.roots) + group.left_out > 1


def _below(report: FleetReport) -> Iterator[str]:
    if report.shared:
        yield from ("", "## What several groups have in common", "")
        yield from (f"- {cell(shared_words(each, len(report.outcomes)))}" for each in report.shared[:_GROUPS])
    if report.notes:
        yield from ("", "## Notes", "")
        yield from (f"- {cell(each)}" for each in report.notes[:LISTED])


RENDERS = ("fleet.md", summary)
