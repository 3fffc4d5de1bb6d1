"""Every collation has its provider and locale.

When it fails: indexes on text were sorted by other rules than the queries use now: REINDEX.

What it cannot see: the library behind it: see collation_versions.
"""

import pytest

from rollproof.model.no_loss import same_but_for_version
from rollproof.verdict.expect import require_restored

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.types, pytest.mark.severity("high")]


def test_collations(before, after, accepted):
    require_restored("collations", before, after, accepted, harmless=same_but_for_version)
