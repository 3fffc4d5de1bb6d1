"""What GitHub Actions shows of a fleet beside its log: the verdict and the worst groups as annotations, and a step's summary."""

from rollproof.model.amounts import counted
from rollproof.report.fleet.markdown import summary
from rollproof.report.github import LEVELS, MOST, Annotation, at_most, fitting
from rollproof.verdict.fleet.fleet_report import FleetReport
from rollproof.verdict.fleet.fleet_words import group_words
from rollproof.verdict.fleet.target_groups import TargetGroup
from rollproof.verdict.outcome import BAD

_NAMED = 20
_ROOTS = 20


def annotations(report: FleetReport) -> list[Annotation]:
    """Return the verdict, then the groups, the worst first."""
    told = f"{report.sentence}\n{report.phase} of {counted(len(report.outcomes), 'target')}: {report.targets}"
    first = Annotation(LEVELS.get(report.tone, "error"), report.verdict, told)
    errors = [_told("error", each) for each in report.groups if each.exit_code and each.exit_code in BAD]
    warnings = [_told("warning", each) for each in report.groups if each.exit_code and each.exit_code not in BAD]
    return [
        first,
        *at_most(MOST - (first.level == "error"), errors),
        *at_most(MOST - (first.level == "warning"), warnings),
    ]


def _told(level: str, group: TargetGroup) -> Annotation:
    more = f" and {len(group.targets) - _NAMED:,} more" if len(group.targets) > _NAMED else ""
    text = [*map(str, group.roots[:_ROOTS]), *group.reasons, f"targets: {', '.join(group.names[:_NAMED])}{more}"]
    return Annotation("error" if level == "error" else "warning", group_words(group), "\n".join(text))


def step_summary(report: FleetReport, taken: int = 0) -> str:
    """Return `fleet.md` as far as it fits below what stands in the step's summary already, `taken` bytes; "" if nothing does."""
    return fitting(summary(report), taken)
