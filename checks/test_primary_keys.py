"""Every table has a primary key, by which its rows can be found again after the migration.

When it fails: the rows of this table can be counted and compared as a whole, but nobody can say which row is which; a
migration in batches may take some twice.

How to mend: ALTER TABLE … ADD PRIMARY KEY, after CREATE UNIQUE INDEX CONCURRENTLY on a large table; or live with it,
and let the migration touch this table in one transaction.

What it cannot see: keys that only the application knows.
"""

import pytest

from rollproof.probes.preflight import without_primary_key
from rollproof.sources.live import Live
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.pre_migration, pytest.mark.structure, pytest.mark.constraints, pytest.mark.severity("medium")]


def test_primary_keys(expect: Expect, after: Live, primary_keys: dict[str, tuple[str, ...]]) -> None:
    kinds = after.known("tables", EVERYTHING).facts
    expect.nothing(without_primary_key(after.tables, kinds, primary_keys))
