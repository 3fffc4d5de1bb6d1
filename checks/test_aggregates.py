"""Every aggregate is made of what it was made of.

When it fails: queries that use it fail or give other results.

How to mend: `rollproof repair` prints CREATE AGGREGATE with all its parts. Make its functions right first
(functions): an aggregate calls them.

What it cannot see: what extensions brought.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_aggregates(expect: Expect) -> None:
    expect.restored("aggregates")
