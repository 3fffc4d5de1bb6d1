"""Every table inherits from the tables it inherited from, in their order.

When it fails: queries on the parent no longer see the child's rows.

How to mend: ALTER TABLE child INHERIT parent (or NO INHERIT), which `rollproof repair` prints. For another order of
parents all are taken off and put on again. A child that was taken off keeps the columns as its own: only a new table
mends that, and it matters only when the parent's column is dropped.

What it cannot see: partitions, which have a check of their own.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_inheritance(expect: Expect) -> None:
    expect.restored("inheritance")
