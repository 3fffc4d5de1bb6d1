"""Every subscription is there, to the same publications, enabled if it was.

When it fails: changes from the publisher are no longer applied.

What it cannot see: its connection, which may hold a password.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_subscriptions(expect: Expect) -> None:
    expect.restored("subscriptions")
