"""How long the rollback took in a rehearsal (`--envelope`), against how long it took here by the migration's log."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rollproof.migration.log import CHECK, Entry, MigrationLog
from rollproof.model.errors import Misuse
from rollproof.model.finding import Finding
from rollproof.server.connection import Connection
from rollproof.server.transactions import one
from rollproof.system.files import contents

FACTOR = 1.5
"""So many times as long as was rehearsed is no wonder: another machine, other traffic."""
LEAST = 10.0
"""Seconds by which it must be longer, too; less is nothing that anybody waits for."""
_MOST = 2**28  # bytes of rehearsal.json
_SIZE = "SELECT pg_catalog.pg_database_size(pg_catalog.current_database())"


class _Costs(msgspec.Struct):
    database_bytes: int = 0


class _Stage(msgspec.Struct):
    name: str
    costs: _Costs | None = None


class _Rehearsal(msgspec.Struct):
    rollback_seconds: float
    stages: tuple[_Stage, ...] = ()


class _File(msgspec.Struct):
    rehearsals: tuple[_Rehearsal, ...]


@dataclass(frozen=True)
class Envelope:
    """What was rehearsed: the rollback's `seconds`, and the `size` in bytes of the database that was rolled back; 0: unknown."""

    seconds: float
    size: int

    def expected(self, size: int) -> float:
        """Return the seconds that a database of this size is likely to take: longer if it is larger, never shorter."""
        return self.seconds * (max(1.0, size / self.size) if self.size else 1.0)


def read(path: Path) -> Envelope:
    """Return the envelope in a rehearsal.json, of its slowest rehearsal. Raises `Misuse` if there is none in it."""
    try:
        found = msgspec.json.decode(contents(path, _MOST), type=_File)
    except OSError as error:
        raise Misuse(f"--envelope {path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise Misuse(f"--envelope {path} is no rehearsal.json, which `rollproof rehearse` writes: {error}") from error
    slowest = max(found.rehearsals, key=lambda each: each.rollback_seconds, default=None)
    if slowest is None or not slowest.rollback_seconds:
        raise Misuse(f"--envelope {path}: no rollback was rehearsed there; name the rehearsal.json of one that was")
    sizes = [stage.costs.database_bytes for stage in slowest.stages if stage.name == "rollback" and stage.costs]
    return Envelope(slowest.rollback_seconds, max(sizes, default=0))


def size(connection: Connection) -> int:
    """Return the bytes of the database."""
    return int(str(one(connection, _SIZE)))


def slower(envelope: Envelope, log: MigrationLog, now: int) -> Iterator[Finding]:
    """Yield that the rollback took longer than was to be expected after its rehearsal; `now` is the size of the database."""
    took, expected = _seconds(log), envelope.expected(now)
    if took is None or took <= max(FACTOR * expected, expected + LEAST):
        return
    larger = (
        f", of a database of {envelope.size / 1e6:,.0f} MB; this one has {now / 1e6:,.0f} MB" if envelope.size else ""
    )
    sentence = (
        f"the rollback took {took:,.0f} s, by {log.words.table}; {expected:,.0f} s were to be expected: "
        f"it took {envelope.seconds:,.0f} s when it was rehearsed{larger}"
    )
    yield Finding(CHECK, "the rollback's duration", f"about {expected:,.0f} s", f"{took:,.0f} s", sentence, heals=True)


def _seconds(log: MigrationLog) -> float | None:
    """Return how long the last rollback took: all of its steps since the last migration. None where the log does not say."""
    migrated = max((entry.last for entry in log.migrations), default=float("-inf"))
    steps = [entry for entry in log.rollbacks if log.completed(entry) and _began(entry) >= migrated]
    if not steps or not all(entry.finished for entry in steps):
        return None
    return max(entry.last for entry in steps) - min(map(_began, steps))


def _began(entry: Entry) -> float:
    return entry.last if entry.started is None else entry.started
