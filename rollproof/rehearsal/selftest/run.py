"""A self-test from its beginning to its end."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import psycopg

from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.faults.listing import faults_of
from rollproof.rehearsal.selftest.asked import Asked
from rollproof.rehearsal.selftest.batches import batches
from rollproof.rehearsal.selftest.ground import Ground, ground
from rollproof.rehearsal.selftest.outcome import SelfTested, Tried
from rollproof.rehearsal.selftest.reasons import reasons
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.rehearsal.selftest.trial import tried
from rollproof.server.connection import Target
from rollproof.settings.configuration import Configured


def self_tested(known: Configured, asked: Asked, tell: Callable[[str], None]) -> SelfTested:
    """Plant the faults that the source's objects can have, and say of each whether it is seen.

    Raises `Misuse` if no fault is what was asked for, and with `Inconclusive` if the throw-away database cannot be made.
    """
    began, started = time.monotonic(), datetime.now(tz=UTC).isoformat(timespec="seconds")
    with ground(known, asked.source, asked.sample, tell) as made:
        faults = _wanted(made, asked)
        sight = Sight.of(known, made)
        done = tuple(_all(made, sight, faults))
        server = made.world.server
        return SelfTested(
            database=str(Target.parse(known.settings.database_url or asked.source)),
            role=made.role,
            reference=known.settings.reference or "",
            server=server.name,
            version=server.version,
            started=started,
            seconds=time.monotonic() - began,
            listed=len(faults),
            tried=done,
            left_out=made.left_out,
            only=asked.only,
            strict=known.settings.strict,
        )


def listed(known: Configured, asked: Asked, tell: Callable[[str], None]) -> tuple[Fault, ...]:
    """Return the faults that would be planted; raises as `self_tested` does."""
    with ground(known, asked.source, asked.sample, tell) as made:
        return _wanted(made, asked)


def _wanted(made: Ground, asked: Asked) -> tuple[Fault, ...]:
    with psycopg.connect(made.world.url, autocommit=True) as admin:
        return asked.chosen(faults_of(admin))


def _all(made: Ground, sight: Sight, faults: Sequence[Fault]) -> Iterator[Tried]:
    for batch in batches(faults):
        trial = tried(made, sight, batch)
        seen = {fault: checks for fault in batch if (checks := trial.told(fault))}
        yield from (Tried(fault, "seen", checks=checks) for fault, checks in seen.items())
        yield from (Tried(fault, "not planted", why) for fault, why in trial.refused.items())
        yield from reasons(made, sight, [each for each in batch if each not in seen and each not in trial.refused])
