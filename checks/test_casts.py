"""Every cast of the user's own is as it was.

When it fails: expressions that relied on it fail, or convert unasked.

How to mend: `rollproof repair` prints CREATE CAST, and the function that it needs. One that was left behind: DROP
CAST.

What it cannot see: what extensions brought.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.types, pytest.mark.severity("medium")]


def test_casts(expect: Expect) -> None:
    expect.restored("casts")
