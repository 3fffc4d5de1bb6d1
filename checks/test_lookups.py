"""Rows are found by their keys as they were: no table is read whole where an index found the row.

When it fails: an index of a primary key, a unique constraint or a foreign key is missing or not used, so each look-up
reads the whole table; the application gets slow at once, and slower with each user. It warns where a look-up costs ten times
as much, or an index is there and the planner, who has not looked at the table yet, does not choose it.

How to mend: ANALYZE the table, then ask again. If it stays, make the index again: the check `indexes` prints how.

What it cannot see: tables with fewer rows than `rows` under [lookups], or not among the largest; other queries ([[plans]]);
how long it takes, unless --analyze runs them.
"""

from collections.abc import Collection

import pytest

from rollproof.verdict.expect import Expect
from rollproof.verdict.plan_changes import Plans, lookup_changes

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.post_rollback,
    pytest.mark.structure,
    pytest.mark.severity("medium"),
]


def test_lookups(expect: Expect, recorded_lookups: Plans, unanalysed: Collection[str]) -> None:
    expect.nothing(lookup_changes(recorded_lookups, unanalysed))
