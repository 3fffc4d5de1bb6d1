"""There is room on the disk for what the next step writes, and as much again for the write-ahead log.

When it fails: the server would run out of room in the middle, and stop. Make room, or migrate fewer tables at a time.

How to mend: make room: drop old copies that nobody needs, or enlarge the volume. Never remove files from pg_wal by
hand; a forgotten replication slot is often what keeps them.

What it cannot see: the disk itself, for SQL does not show it: free_bytes under [migration] says what is free.
"""

import pytest

from rollproof.model.errors import NotChecked
from rollproof.probes.preflight import in_words, no_room
from rollproof.settings.sections import Migration
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.pre_rollback,
    pytest.mark.traffic,
    pytest.mark.severity("high"),
]


def test_disk_space(expect: Expect, to_write: int, migration: Migration) -> None:
    if migration.free_bytes is None:
        raise NotChecked(f"it takes {in_words(to_write)}; no free_bytes under [migration] in rollproof.toml")
    expect.nothing(no_room(to_write, migration.free_bytes))
