"""Harmless changes made in the throw-away database: none may be told as a difference.

All are made one after another and verified once; only where that is red is each made alone. A dump restored comes last.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.faults.harmless import Harmless, harmless_changes
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.outcome import HarmlessTried
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.rehearsal.world import World
from rollproof.server.connection import Target
from rollproof.system.deadline import Deadline
from rollproof.throwaway.dumps import found_program
from rollproof.throwaway.source.programs import Ended, Programs
from rollproof.verdict.outcome import Report

TOGETHER = "all of these, one after another"
RESTORED = "dumped and restored"
_MADE_AS = "SET search_path = ''; SET check_function_bodies = off; SET session_replication_role = replica"
_LONGEST = 600.0  # seconds that pg_dump or pg_restore may take
_UNDECIDED = ("broken", "misuse", "inconclusive")
_NOTHING = "there is nothing here to make it with"


def harmless(
    ground: Ground, sight: Sight, tell: Callable[[str], None], seconds_left: Callable[[], float]
) -> Iterator[HarmlessTried]:
    """Make the changes, verify, and put the database back; yield what was told of each. Nothing more is begun when time is up.

    The database is as it was, before and after.
    """
    sight.unharmed  # noqa: B018 (now, while nothing is changed)
    tell("harmless changes")
    changes = harmless_changes()
    not_made = _made(ground, changes)
    found = _verified(ground, sight)
    made = [each for each in changes if not not_made[each.name]]
    alone = dict(_each_alone(ground, sight, made if found else [], seconds_left))
    for change in changes:
        yield HarmlessTried(change.name, alone.get(change.name, ()), not_made[change.name])
    if found and not any(alone.values()):
        yield HarmlessTried(TOGETHER, found)
    if seconds_left() > 0:
        why = _restored(ground.world)
        yield HarmlessTried(RESTORED, () if why else _verified(ground, sight), why)


def _made(ground: Ground, changes: Sequence[Harmless]) -> dict[str, str]:
    """Make changes one after another; return why each could not be made, "" if it was."""
    with psycopg.connect(ground.world.url, autocommit=True) as admin:
        admin.execute(_MADE_AS)
        return {change.name: _not_made(admin, change) for change in changes}


def _not_made(admin: psycopg.Connection, change: Harmless) -> str:
    """Make a change by the statements of it that are possible; return why none of them was."""
    refused = [_refused(admin, change.first)] if change.first else []
    statements = change.statements(admin)
    results = [_refused(admin, each) for each in statements] if not any(refused) else refused
    if change.last:
        _refused(admin, change.last)
    return next(filter(None, results), _NOTHING) if all(results) else ""


def _refused(admin: psycopg.Connection, statement: str) -> str:
    try:
        admin.execute(statement.encode())
    except psycopg.Error as error:
        return str(error.diag.message_primary or error).strip()
    return ""


def _verified(ground: Ground, sight: Sight) -> tuple[str, ...]:
    """Return what is told that was not told of the unharmed database; put that back."""
    known = set(_told(sight.unharmed))
    try:
        return tuple(sorted(set(_told(sight.verified())) - known))
    finally:
        ground.renew()


def _told(report: Report) -> Iterator[str]:
    """Yield what was found, but for what heals by itself, and what could not be decided."""
    for outcome in report.outcomes:
        yield from (f"{each.check}: {each.subject}" for each in outcome.findings if not each.heals)
        if outcome.kind in _UNDECIDED:
            yield f"{outcome.check}: {outcome.reason or outcome.kind}"


def _each_alone(
    ground: Ground, sight: Sight, changes: Sequence[Harmless], seconds_left: Callable[[], float]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for change in changes:
        if seconds_left() > 0:
            _made(ground, [change])
            yield change.name, _verified(ground, sight)


def _restored(world: World) -> str:
    """Put a restored dump of it in the database's place; return why that could not be done."""
    admin, database = Target.parse(world.server.url), Target.parse(world.url)
    try:
        with tempfile.TemporaryDirectory(prefix="rollproof-") as folder:
            file = str(Path(folder, "dump"))
            dump, restore = (Path(found_program(name, world.server)) for name in ("pg_dump", "pg_restore"))
            deadline = Deadline(_LONGEST)
            done = Programs(dump.parent, deadline).run(["pg_dump", "-Fc", f"--file={file}"], database, "")
            if not done.code:
                world.server.drop(world.database)
                done = Programs(restore.parent, deadline).run(["pg_restore", "--create", file], admin, "")
    except Inconclusive as error:
        return str(error)
    return _complaint(done) if done.code else ""


def _complaint(done: Ended) -> str:
    lines = [line for line in done.said.splitlines() if "error" in line.lower()]
    return lines[0] if lines else f"it ended with {done.code}"
