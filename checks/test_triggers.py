"""Every trigger is back and fires when it did.

When it fails: what the trigger kept true (an audit, a timestamp, a sum) is no longer kept, from the first write on.

How to mend: `rollproof repair` prints CREATE TRIGGER, or ALTER TABLE … ENABLE TRIGGER. Then ask what it missed: rows
written without it (an audit, a sum) are not made good by it.

What it cannot see: whether its function is the same (functions), and the server's own triggers (foreign_key_triggers).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_triggers(expect: Expect) -> None:
    expect.restored("triggers")
