"""Every view and materialised view is back with its query and options, filled if it was.

When it fails: queries fail, or see rows that security_barrier or a check option kept from them.

What it cannot see: whether a materialised view is up to date with its tables.
"""

import pytest

from rollproof.judge import require_restored

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_views(before, after, accepted):
    require_restored("views", before, after, accepted)
