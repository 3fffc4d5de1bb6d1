"""Every extended statistics object is back with its target.

When it fails: the planner guesses where it knew, and chooses other plans.

How to mend: `rollproof repair` prints CREATE STATISTICS; then ANALYZE the table, for it is empty until then.

What it cannot see: whether they were computed (planner_statistics).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_statistics(expect: Expect) -> None:
    expect.restored("statistics")
