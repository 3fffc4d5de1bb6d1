"""Every table has its columns in the order they had.

When it fails: INSERT without a column list, COPY and SELECT * now put values into other columns, silently where the
types allow it. Where nobody does that, `column_order = "warn"` or `"ignore"` in rollproof.toml says so, for a table or for all.

What it cannot see: the gap that a dropped column leaves, which is no difference.
"""

import pytest

from rollproof.probes.column_order import ColumnOrder
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_column_order(expect: Expect, column_order: ColumnOrder) -> None:
    expect.restored("column_order", harmless=column_order.ignored, heals=column_order.warned)
