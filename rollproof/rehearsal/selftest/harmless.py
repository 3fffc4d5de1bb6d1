"""Harmless changes made in the throw-away database: none may be told as a difference.

All are made one after another and verified once; where that is red, each half of them, down to the one that is told. A dump
restored comes last.
"""

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from rollproof.model.errors import RollproofError
from rollproof.rehearsal.faults.fault import in_bytes
from rollproof.rehearsal.faults.harmless import Harmless, harmless_changes
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.outcome import HarmlessTried
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.rehearsal.selftest.superuser import superuser
from rollproof.rehearsal.world import World
from rollproof.server.connection import Target
from rollproof.server.pg_binaries import pg_dump
from rollproof.server.sqlstates import server_message
from rollproof.system.deadline import Deadline
from rollproof.throwaway.servers.server import Server
from rollproof.throwaway.source.programs import Ended, Programs
from rollproof.verdict.outcome import Report

TOGETHER = "all of these, one after another"
RESTORED = "dumped and restored"
_LONGEST = 600.0  # seconds that pg_dump or pg_restore may take
_UNDECIDED = ("broken", "misuse", "inconclusive")
_NO_TIME = "made with others, of which something is told ({}); time was up before it was made alone"
_NOTHING = "there is nothing here to make it with"


def harmless(
    ground: Ground, sight: Sight, tell: Callable[[str], None], seconds_left: Callable[[], float]
) -> Iterator[HarmlessTried]:
    """Make the changes, verify, and put the database back; yield what was told of each. Nothing more is begun when time is up.

    The database is as it was, before and after.
    """
    sight.unharmed  # noqa: B018 (now, while nothing is changed)
    tell("harmless changes")
    culprits = _Culprits(ground, sight, seconds_left)
    not_made = culprits.of(harmless_changes())
    for name, why in not_made.items():
        yield HarmlessTried(name, culprits.found.get(name, ()), why or culprits.unknown.get(name, ""))
    if culprits.together:
        yield HarmlessTried(TOGETHER, culprits.together)
    if seconds_left() > 0:
        why = _restored(ground.world)
        yield HarmlessTried(RESTORED, () if why else _told(sight), why)
        ground.renew()


@dataclass
class _Culprits:
    """Which changes are told as differences: `found` what is told of each, or what is told of them `together` alone.

    `unknown` are those of which nothing is known for lack of time.
    """

    ground: Ground
    sight: Sight
    seconds_left: Callable[[], float]
    found: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    together: tuple[str, ...] = ()

    def of(self, changes: Sequence[Harmless]) -> dict[str, str]:
        """Make changes, and, while something is told of them, each half of them; return why those were not made that were not."""
        not_made = _made(self.ground, changes)
        told = _told(self.sight)
        self.ground.renew()
        made = [each for each in changes if not not_made[each.name]]
        if told and len(made) == 1:
            self.found[made[0].name] = told
        elif told and self.seconds_left() <= 0:
            self.unknown |= {each.name: _NO_TIME.format(told[0]) for each in made}
        elif told:
            half = len(made) // 2
            for some in (made[:half], made[half:]):
                self.of(some)
            if not self.unknown:
                explained = set().union(self.together, *self.found.values())
                self.together += tuple(each for each in told if each not in explained)
        return not_made


def _made(ground: Ground, changes: Sequence[Harmless]) -> dict[str, str]:
    """Make changes one after another; return why each could not be made, "" if it was."""
    with superuser(ground.world) as admin:
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
        admin.execute(in_bytes(statement, admin))
    except psycopg.Error as error:
        return server_message(error)
    return ""


def _told(sight: Sight) -> tuple[str, ...]:
    """Return what is told now that was not told of the unharmed database."""
    try:
        return tuple(sorted(set(_all(sight.verified())) - set(_all(sight.unharmed))))
    except RollproofError as error:
        return (f"nothing could be verified: {error}",)


def _all(report: Report) -> Iterator[str]:
    """Yield what was found, but for what heals by itself, and what could not be decided."""
    for outcome in report.outcomes:
        yield from (f"{each.check}: {each.subject}" for each in outcome.findings if not each.heals)
        if outcome.kind in _UNDECIDED:
            yield f"{outcome.check}: {outcome.reason or outcome.kind}"


def _restored(world: World) -> str:
    """Put a restored dump of it in the database's place; return why that could not be done."""
    folder = _programs(world.server)
    if folder is None:
        return (
            f"there are no pg_dump and pg_restore here of the server's major version, {world.server.version // 10_000}"
        )
    run = Programs(folder, Deadline(_LONGEST)).run
    with tempfile.TemporaryDirectory(prefix="rollproof-") as place:
        file = str(Path(place, "dump"))
        done = run(["pg_dump", "-Fc", f"--file={file}"], Target.parse(world.url), "")
        if not done.code:
            world.server.drop(world.database)
            done = run(["pg_restore", "--create", file], Target.parse(world.server.url), "")
    return _complaint(done) if done.code else ""


def _programs(server: Server) -> Path | None:
    """Return where pg_dump and pg_restore of the server's major version lie: those of another would write another SQL."""
    major = server.version // 10_000
    found = pg_dump(major, major)
    folders = (server.bindir, found[0].parent if found and found[1] == major else None)
    return next(
        (each for each in folders if each and (each / "pg_dump").exists() and (each / "pg_restore").exists()), None
    )


def _complaint(done: Ended) -> str:
    """Return the first complaint, without what it quotes, for that may be a value."""
    lines = [line for line in done.said.splitlines() if "error" in line.lower()]
    return re.sub(r"([\"']).*\1", "…", lines[0]) if lines else f"it ended with {done.code}"
