"""Every table and index access method is there with its handler.

When it fails: tables or indexes that use it cannot be read.

What it cannot see: what the handler does.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_access_methods(expect: Expect) -> None:
    expect.restored("access_methods")
