"""Every index is back, valid and ready.

When it fails: queries that took milliseconds read whole tables, and a missing unique index lets duplicates in; an invalid
index costs writes and serves no query.

How to mend: `rollproof repair --online` prints CREATE INDEX CONCURRENTLY; an invalid one is dropped and made again. A
unique index needs rows without duplicates: find them first. Then ANALYZE.

What it cannot see: bloat, and whether the planner chooses the index.
"""

import pytest

from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.constraints, pytest.mark.severity("high")]


def test_indexes(expect: Expect, group: TableGroup) -> None:
    expect.restored("indexes", group)
