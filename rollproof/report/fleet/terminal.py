"""What a fleet's verification prints at its end: the verdict, the groups of targets that are alike, the worst first, what to do."""

from collections.abc import Iterator, Sequence

from rollproof.model.amounts import counted
from rollproof.report.blocks import Block, Line, Section, fitted
from rollproof.report.columns import WIDTH, wrapped
from rollproof.verdict.fleet.fleet_report import FleetReport
from rollproof.verdict.fleet.fleet_words import group_words, shared_words
from rollproof.verdict.fleet.group_repair import repairs_of
from rollproof.verdict.fleet.target_groups import TargetGroup

LINES = 40
"""Lines that are printed at most."""
_NAMES = 3
_ROOTS = 5


def lines(report: FleetReport, page: str = "", missing: Sequence[str] = (), width: int = WIDTH) -> Iterator[Line]:
    """Yield the lines; `page` is the report that says more, "" if there is none, `missing` says what could not be written."""
    head = [*wrapped(f"{report.verdict}: {report.sentence}", further="  ", width=width)]
    below = [*_below(report, page, missing, width)]
    yield from (Line(text, bold=True, tone=report.tone) for text in head)
    yield from fitted(_sections(report, width), LINES - len(head) - len(below), page or "fleet.json", width)
    yield from below


def _sections(report: FleetReport, width: int) -> list[Section]:
    bad = tuple(Block(tuple(_group(each, width))) for each in report.groups if each.exit_code)
    also = tuple(
        Block(tuple(map(Line, wrapped(shared_words(each, len(report.outcomes)), "- ", "  ", width))))
        for each in report.shared
    )
    notes = tuple(Block(tuple(map(Line, wrapped(each, "note: ", "  ", width)))) for each in report.notes)
    return [Section("group", bad), Section("difference of several groups", also), Section("note", notes)]


def _group(group: TargetGroup, width: int) -> Iterator[Line]:
    yield from (
        Line(text, bold=True) for text in wrapped(f"{group.verdict}: {group_words(group)}", further="  ", width=width)
    )
    for root in group.roots[1:_ROOTS]:
        yield from map(Line, wrapped(str(root), "  - ", "    ", width))
    yield from (Line(f"  - and {left:,} more") for left in [len(group.roots) + group.left_out - _ROOTS] if left > 0)
    more = f" and {len(group.targets) - _NAMES:,} more" if len(group.targets) > _NAMES else ""
    yield from map(Line, wrapped(f"targets: {', '.join(group.names[:_NAMES])}{more}", "  ", "    ", width))
    for each in repairs_of(group):
        said = f"repair of {counted(len(each.targets), 'target')}, to be read first: {each.file}"
        yield from map(Line, wrapped(said, "  ", "    ", width))


def _below(report: FleetReport, page: str, missing: Sequence[str], width: int) -> Iterator[Line]:
    yield from (Line(text, tone="bad") for each in missing for text in wrapped(each, further="  ", width=width))
    if report.missing:
        yield Line(f"next: the same command with --resume verifies the {counted(len(report.missing), 'target')} left")
    if page:
        yield from map(Line, wrapped(f"report: {page}", width=width))
