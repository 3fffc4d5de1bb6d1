"""Every operator class and family of the user's own is as it was.

When it fails: indexes built with it sort or match by other rules than the queries.

How to mend: `rollproof repair` prints CREATE OPERATOR CLASS or ALTER OPERATOR FAMILY; then REINDEX what was built
with it.

What it cannot see: what extensions brought.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.types, pytest.mark.severity("medium")]


def test_operator_classes(expect: Expect) -> None:
    expect.restored("operator_classes")
