"""Every column has its type, default, nullability, collation and expression back.

When it fails: the application's statements meet another type than they were written for; keys that stayed uuid, for one,
no longer equal the text that other systems keep.

How to mend: `rollproof repair --only TABLE` prints ALTER TABLE … ALTER COLUMN … TYPE … USING, SET DEFAULT, SET NOT
NULL, ADD COLUMN. A new type rewrites the table under an exclusive lock: plan for it. Values of a column that was
dropped come from the copies, or are lost.

What it cannot see: the values (content) and the order of the columns.
"""

import pytest

from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_rollback,
    pytest.mark.structure,
    pytest.mark.types,
    pytest.mark.constraints,
    pytest.mark.severity("critical"),
]


def test_columns(expect: Expect, group: TableGroup) -> None:
    expect.restored("columns", group)
