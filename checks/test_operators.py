"""Every operator of the user's own is as it was.

When it fails: queries that use it fail, or the planner no longer knows its shortcuts.

How to mend: `rollproof repair` prints CREATE or ALTER OPERATOR. Commutator and negator are made with it: its partner
must be there too.

What it cannot see: what extensions brought.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_operators(expect: Expect) -> None:
    expect.restored("operators")
