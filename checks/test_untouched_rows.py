"""Every table that the migration leaves alone reads as it did in the reference, row by row.

When it fails: the migration, or a trigger that it set off, wrote where it should not; or the application is at work again.

What it cannot see: which of the two it was.
"""

import pytest

from rollproof.verdict.expect import each, require_none

pytestmark = [pytest.mark.post_migration, pytest.mark.rows, pytest.mark.content, pytest.mark.severity("medium")]


def test_untouched_rows(untouched, other_rows, may_grow, accepted, evidence):
    strict = [table for table in untouched if not may_grow(table)]
    if not strict:
        pytest.skip("these tables may grow, so nobody can say what their rows should be")
    rules = {"heals": evidence.views.only_stale, "evidence": evidence.views.words}
    require_none("untouched_rows", each(strict, other_rows), accepted, **rules)
