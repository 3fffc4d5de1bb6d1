"""The planner knows what it knew about every table: what was analysed is analysed again.

When it fails: a rebuilt table has no statistics until autovacuum comes by, and until then queries may take minutes
instead of milliseconds: ANALYZE.

What it cannot see: whether the statistics are good.
"""

import pytest

from rollproof.compare import analysed_as_well
from rollproof.judge import require_restored

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_planner_statistics(before, after, accepted, owner):
    require_restored(
        "planner_statistics", before, after, accepted, owner, harmless=analysed_as_well, heals=lambda _: True
    )
