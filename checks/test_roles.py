"""Every role has its attributes and memberships, and none was left behind.

When it fails: somebody can no longer log in, or the migration's own powerful role still can.

What it cannot see: passwords; and since roles belong to the whole server, another database's work may show here.
"""

import pytest

from rollproof.judge import require_restored

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_roles(before, after, accepted):
    require_restored("roles", before, after, accepted)
