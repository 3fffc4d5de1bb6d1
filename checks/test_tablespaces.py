"""Every tablespace that something of this database lies in is there with its options.

When it fails: tables cannot be put where they were.

How to mend: CREATE TABLESPACE … LOCATION on a folder that is there and belongs to the server's user; options come
back by ALTER TABLESPACE … SET, which `rollproof repair` prints. On a managed service ask the provider.

What it cannot see: where it lies on the server's disks.
"""

import pytest

from rollproof.sources.live import Live
from rollproof.sources.shared_objects import note_of_changes, of_other_databases
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_tablespaces(expect: Expect, before: Source, after: Live) -> None:
    if note := note_of_changes("tablespaces", before, after):
        after.note(note)
    expect.restored("tablespaces", harmless=of_other_databases("tablespaces", before, after))
