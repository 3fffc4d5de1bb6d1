"""Every replication slot and origin is there, and none was left behind.

When it fails: a slot that was left behind keeps every byte of WAL until the disk is full; a missing one cuts a
subscriber off.

How to mend: SELECT pg_drop_replication_slot(NAME) for one that was left behind, as soon as you know that nobody reads
it. One that is missing cannot be made as it was: make it new, and set its consumer up again.

What it cannot see: where they stand, which changes all the time.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_replication(expect: Expect) -> None:
    expect.restored("replication")
