"""Every schema is there, and none was left behind.

When it fails: what lived in a missing schema is gone with it; one that was left behind is part of the migration.

How to mend: `rollproof repair` prints CREATE SCHEMA with owner, and then what was in it. DROP SCHEMA … CASCADE for
one that was left behind only after a look at all that goes with it.

What it cannot see: the backup schema, which is expected, and the system's own.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_schemas(expect: Expect) -> None:
    expect.restored("schemas")
