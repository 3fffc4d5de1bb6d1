"""Every table inherits from the tables it inherited from, in their order.

When it fails: queries on the parent no longer see the child's rows.

What it cannot see: partitions, which have a check of their own.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_inheritance(expect: Expect) -> None:
    expect.restored("inheritance")
