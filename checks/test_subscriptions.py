"""Every subscription is there, to the same publications, enabled if it was.

When it fails: changes from the publisher are no longer applied.

How to mend: ALTER SUBSCRIPTION … ENABLE, which `rollproof repair` prints. CREATE SUBSCRIPTION is a comment, for it
needs the connection with its password. With copy_data = true rows that are there already are copied again: choose.

What it cannot see: its connection, which may hold a password.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_subscriptions(expect: Expect) -> None:
    expect.restored("subscriptions")
