"""Every foreign key and deferrable constraint is kept by the server: the triggers behind it fire on both sides.

When it fails: the constraint reads as valid and lets orphans in, and VALIDATE CONSTRAINT would succeed. Triggers that are
disabled: ALTER TABLE … ENABLE TRIGGER ALL. Triggers that are missing: drop the constraint and add it again. Then look at orphans.

How to mend: ALTER TABLE … ENABLE TRIGGER ALL, as a superuser, on both tables of the key, where they sleep; where they
are gone, drop the constraint and add it again. `rollproof repair` prints both. Then look for orphans that came in
meanwhile.

What it cannot see: what slipped in meanwhile (orphans).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_rollback,
    pytest.mark.structure,
    pytest.mark.constraints,
    pytest.mark.severity("critical"),
]


def test_foreign_key_triggers(expect: Expect) -> None:
    expect.restored("foreign_key_triggers")
