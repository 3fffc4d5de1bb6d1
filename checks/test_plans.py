"""The chosen queries are planned as they were: the same tables in the same way, by the same indexes, at about the same cost.

When it fails: an index is missing or not used, or the planner knows too little (ANALYZE); the query may take minutes. It
warns where the same plan costs ten times as much, where nobody has analysed the tables, or with --analyze takes five
times as long.

How to mend: ANALYZE first, then ask again. If it stays, look at indexes and settings: the same query with EXPLAIN on
the old server shows which index it had.

What it cannot see: how long it takes, unless --analyze runs it, and queries that nobody named under [[plans]].
"""

from collections.abc import Collection

import pytest

from rollproof.verdict.expect import Expect
from rollproof.verdict.plan_changes import Plans, plan_changes

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.post_rollback,
    pytest.mark.structure,
    pytest.mark.severity("medium"),
]


def test_plans(expect: Expect, recorded_plans: Plans, unanalysed: Collection[str]) -> None:
    expect.nothing(plan_changes(recorded_plans, unanalysed))
