"""fleet.json: every target with its verdict and its roots, and the groups of those that are alike."""

from rollproof.report.json import text_of
from rollproof.verdict.fleet.fleet_report import FleetReport, counted_by_verdict

FORMAT = 1
"""Raised when a field changes its meaning or goes."""


def fleet_json(report: FleetReport) -> bytes:
    """Return the report as JSON, indented."""
    groups = [{"anchor": each.anchor, "targets": len(each.names), "group": each} for each in report.groups]
    told = {
        "format": FORMAT,
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "counts": counted_by_verdict(report.outcomes),
        "groups": groups,
        "report": report,
    }
    return text_of(told)
