"""Faults planted in the throw-away database, verified, and taken away again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.finding import Finding
from rollproof.rehearsal.faults.fault import Fault, in_bytes
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.rehearsal.selftest.superuser import superuser
from rollproof.server.sqlstates import server_message
from rollproof.verdict.outcome import Outcome, Report


@dataclass(frozen=True)
class Trial:
    """What a verification said of faults that were planted together; `refused` are those that could not be, with the reason.

    Where none was made, `trouble` says why, and there is no `report`: somebody who verified so would hear that. `usual` are check
    and subject of what is found of the database as it was, too.
    """

    report: Report | None
    refused: Mapping[Fault, str] = field(default_factory=dict)
    trouble: str = ""
    usual: frozenset[tuple[str, str]] = frozenset()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found."""
        return tuple(each for outcome in self._outcomes for each in outcome.findings)

    @property
    def news(self) -> tuple[Finding, ...]:
        """What was found that is not found of the database as it was."""
        return tuple(each for each in self.findings if (each.check, each.subject) not in self.usual)

    @property
    def _outcomes(self) -> Sequence[Outcome]:
        return self.report.outcomes if self.report else ()

    def told(self, fault: Fault) -> tuple[str, ...]:
        """Return the checks that told of the very fact that a fault changes; of one that was refused, another fault's are none."""
        if fault in self.refused:
            return ()
        return tuple(each.check for each in self.news if (each.check, each.subject) == (fault.facet, fault.identity))


def tried(ground: Ground, sight: Sight, faults: Sequence[Fault]) -> Trial:
    """Plant faults together, verify, and put the database back."""
    with planted(ground, faults) as refused:
        return looked(sight, refused)


@contextmanager
def planted(ground: Ground, faults: Sequence[Fault]) -> Iterator[dict[Fault, str]]:
    """Plant faults together, return those that could not be, with the reason, and put the database back in the end."""
    refused: dict[Fault, str] = {}
    try:
        refused.update(plant(ground, faults))
        yield refused
    finally:
        ground.renew()  # also where all were refused: a sequence moves all the same


def looked(sight: Sight, refused: Mapping[Fault, str]) -> Trial:
    """Verify what is planted."""
    try:
        return Trial(sight.verified(), refused, usual=_usual(sight))
    except psycopg.Error as error:
        return Trial(None, refused, server_message(error))
    except (Inconclusive, Misuse) as error:
        return Trial(None, refused, str(error))


def looked_again(sight: Sight) -> Trial:
    """Verify the database that was put back. Raises `Inconclusive` if that cannot be done: then trouble tells of no fault."""
    trial = looked(sight, {})
    if trial.trouble:
        raise Inconclusive(f"the copy, put back as it was, cannot be verified any more: {trial.trouble}")
    return trial


def _usual(sight: Sight) -> frozenset[tuple[str, str]]:
    before = sight.unharmed.outcomes if sight.is_proved else ()
    return frozenset((each.check, each.subject) for outcome in before for each in outcome.findings)


def plant(ground: Ground, faults: Sequence[Fault]) -> dict[Fault, str]:
    """Plant faults, as a superuser whom no trigger hears; return those that could not be, with the reason.

    A session that a fault ended is opened again.
    """
    refused: dict[Fault, str] = {}
    admin: psycopg.Connection | None = None
    try:
        for fault in faults:
            try:
                admin = superuser(ground.world) if admin is None or admin.closed else admin
                admin.execute(in_bytes(fault.statement, admin))
            except psycopg.Error as error:
                refused[fault] = server_message(error)
    finally:
        if admin:
            admin.close()
    return refused
