"""Every role that counts in this database has its attributes and memberships, and none was left behind.

When it fails: somebody can no longer log in, or the migration's own powerful role still can.

How to mend: `rollproof repair` prints CREATE ROLE, ALTER ROLE and GRANT. Passwords are never known: set them by hand.
A role that was left behind: ALTER ROLE … NOLOGIN at once, DROP ROLE when it owns nothing.

What it cannot see: passwords. A role counts if it owns something here, may something here or has settings here; one that holds
nothing of its own, and came or went, is a note.
"""

import pytest

from rollproof.sources.live import Live
from rollproof.sources.shared_objects import note_of_changes, of_other_databases
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_roles(expect: Expect, before: Source, after: Live) -> None:
    if note := note_of_changes("roles", before, after):
        after.note(note)
    expect.restored("roles", harmless=of_other_databases("roles", before, after))
