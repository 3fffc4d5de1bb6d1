"""The chosen queries are planned as they were: the same tables in the same way, by the same indexes.

When it fails: an index is missing or not used, or the planner knows too little (ANALYZE); the query may take minutes.

How to mend: ANALYZE first, then ask again. If it stays, look at indexes and settings: the same query with EXPLAIN on
the old server shows which index it had.

What it cannot see: how long it takes, and queries that nobody named under [[plans]] in rollproof.toml.
"""

import pytest

from rollproof.model.compare import compare
from rollproof.model.snapshot import Facts
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.post_rollback,
    pytest.mark.structure,
    pytest.mark.severity("medium"),
]


def test_plans(expect: Expect, recorded_plans: tuple[Facts, Facts]) -> None:
    expect.nothing(compare("plans", *recorded_plans))
