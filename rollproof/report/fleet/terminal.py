"""What a fleet's verification prints at its end: how many came to what, and the groups of those that are alike."""

from collections.abc import Iterator

from rollproof.model.amounts import counted
from rollproof.verdict.fleet.fleet_report import FleetReport, counted_by_verdict
from rollproof.verdict.fleet.target_groups import TargetGroup

_MOST = 20
_NAMES = 3


def lines(report: FleetReport) -> Iterator[str]:
    """Yield the lines."""
    for group in report.groups[:_MOST]:
        if group.exit_code:
            yield from _group(group)
    counts = ", ".join(f"{number:,} {word}" for word, number in counted_by_verdict(report.outcomes).items())
    yield f"{counted(len(report.outcomes), 'target')}: {counts}"
    if report.missing:
        yield f"not verified: {counted(len(report.missing), 'target')}"
    yield f"{report.verdict}, exit code {report.exit_code}"


def _group(group: TargetGroup) -> Iterator[str]:
    names = ", ".join(group.names[:_NAMES])
    more = f" and {len(group.names) - _NAMES:,} more" if len(group.names) > _NAMES else ""
    yield f"{group.verdict}: {counted(len(group.names), 'target')} ({names}{more})"
    yield from (f"  {root.words}" for root in group.roots[:_MOST])
    if not group.roots:
        yield f"  {group.sentence}"
