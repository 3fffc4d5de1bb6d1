"""Every collation has its provider and locale.

When it fails: indexes on text were sorted by other rules than the queries use now: REINDEX.

What it cannot see: the library behind it: see collation_versions.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.types, pytest.mark.severity("high")]


def test_collations(expect: Expect) -> None:
    expect.restored("collations")
