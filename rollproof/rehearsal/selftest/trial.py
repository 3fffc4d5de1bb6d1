"""Faults planted in the throw-away database, verified, and taken away again."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from rollproof.model.finding import Finding
from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.verdict.outcome import Report

AS_PLANTED = "SET search_path = ''; SET check_function_bodies = off; SET session_replication_role = replica"


@dataclass(frozen=True)
class Trial:
    """What a verification said of faults that were planted together; `refused` are those that could not be, with the reason."""

    report: Report
    refused: dict[Fault, str] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found."""
        return tuple(each for outcome in self.report.outcomes for each in outcome.findings)

    def told(self, fault: Fault) -> tuple[str, ...]:
        """Return the checks that told of the very fact that a fault changes."""
        return tuple(
            each.check for each in self.findings if (each.check, each.subject) == (fault.facet, fault.identity)
        )


def tried(ground: Ground, sight: Sight, faults: Sequence[Fault]) -> Trial:
    """Plant faults together, verify, and put the database back."""
    try:
        refused = _planted(ground, faults)
        return Trial(sight.verified(), refused)
    finally:
        ground.renew()


def _planted(ground: Ground, faults: Sequence[Fault]) -> dict[Fault, str]:
    refused: dict[Fault, str] = {}
    with psycopg.connect(ground.world.url, autocommit=True) as admin:
        admin.execute(AS_PLANTED)
        for fault in faults:
            try:
                admin.execute(fault.statement.encode())
            except psycopg.Error as error:
                refused[fault] = str(error).strip()
    return refused
