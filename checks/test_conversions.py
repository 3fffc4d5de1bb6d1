"""Every encoding conversion of the user's own is as it was.

When it fails: text is converted differently for clients of that encoding.

How to mend: `rollproof repair` prints CREATE CONVERSION. One that was left behind: DROP CONVERSION.

What it cannot see: what the function does (functions).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("low")]


def test_conversions(expect: Expect) -> None:
    expect.restored("conversions")
