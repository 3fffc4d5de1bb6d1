"""Every object belongs to the role it belonged to.

When it fails: the owner can no longer alter it, and what runs with its owner's rights runs with somebody else's.

What it cannot see: what follows its table (indexes, row types).
"""

import pytest

from rollproof.probes.shared_objects import elsewhere
from rollproof.verdict.expect import require_restored

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_owners(before, after, accepted, owner):
    require_restored("owners", before, after, accepted, owner, harmless=elsewhere("owners", before, after))
