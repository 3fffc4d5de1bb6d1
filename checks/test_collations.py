"""Every collation has its provider, locale and version.

When it fails: indexes on text were sorted by other rules than the queries use now: REINDEX.

What it cannot see: the library behind it beyond its version.
"""

import pytest

from rollproof.judge import require_restored

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_collations(before, after, accepted):
    require_restored("collations", before, after, accepted)
