"""Every row still leads to the same parent: each edge between the copies, through every foreign key, is one between the tables.

When it fails: children hang on other parents, or on none; what belongs to whom is no longer true.

How to mend: do not go on. Find the rows by the keys that are named, and correct the migration's key mapping; then
roll back and migrate again rather than mend single rows under a working application.

What it cannot see: tables without a copy or without a primary key, and relations that nobody declared (name them under
[[foreign_key]] in rollproof.toml).
"""

import pytest

from rollproof.migration.lost_parents import Edges
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_migration, pytest.mark.orphans, pytest.mark.scan, pytest.mark.severity("critical")]


def test_migrated_edges(expect: Expect, edges: Edges) -> None:
    expect.none_of(sorted(edges.keys), edges.lost)
