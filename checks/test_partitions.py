"""Every partition is attached, with its bounds.

When it fails: rows of a detached partition are gone from every query on the table, and new rows find no place.

How to mend: ALTER TABLE … ATTACH PARTITION … FOR VALUES …, which `rollproof repair` prints. A CHECK constraint that
says the same as the bounds saves the scan under lock. Rows that went to the default partition meanwhile must be moved
first.

What it cannot see: how the parent is divided (tables).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_rollback,
    pytest.mark.structure,
    pytest.mark.constraints,
    pytest.mark.severity("critical"),
]


def test_partitions(expect: Expect) -> None:
    expect.restored("partitions")
