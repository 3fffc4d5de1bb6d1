"""Every row security policy is back: command, roles and both conditions.

When it fails: people see or write rows of others, or no longer their own.

How to mend: `rollproof repair` prints CREATE POLICY or ALTER POLICY. Until then keep the application away: too few
rows is a nuisance, rows of others are a leak.

What it cannot see: whether row security is on (row_security).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_policies(expect: Expect) -> None:
    expect.restored("policies")
