"""Every tablespace is there with its options.

When it fails: tables cannot be put where they were.

What it cannot see: where it lies on the server's disks.
"""

import pytest

from rollproof.judge import require_restored

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_tablespaces(before, after, accepted):
    require_restored("tablespaces", before, after, accepted)
