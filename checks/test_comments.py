"""Every comment is back.

When it fails: documentation is lost, and tools that keep their settings in comments lose them.

How to mend: `rollproof repair` prints COMMENT ON … IS …; nothing is locked for long.

What it cannot see: comments on what extensions brought.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("low")]


def test_comments(expect: Expect) -> None:
    expect.restored("comments")
