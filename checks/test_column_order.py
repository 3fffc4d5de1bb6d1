"""Every table has its columns in the order they had.

When it fails: INSERT without a column list, COPY and SELECT * now put values into other columns, silently where the
types allow it. Where nobody does that, `column_order = "warn"` or `"ignore"` in rollproof.toml says so, for a table or for all.

How to mend: `rollproof repair` prints statements that make the columns anew in their old order, which rewrites the
table under an exclusive lock: plan a window. Often it is better to accept it: `column_order = "warn"` for this table
in rollproof.toml, after a look for INSERT without a column list.

What it cannot see: the gap that a dropped column leaves, which is no difference.
"""

import pytest

from rollproof.probes.column_order import ColumnOrder
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_column_order(expect: Expect, column_order: ColumnOrder) -> None:
    expect.restored("column_order", harmless=column_order.ignored, heals=column_order.warned)
