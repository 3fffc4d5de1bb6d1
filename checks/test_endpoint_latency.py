"""Every endpoint answers about as fast as it did before the migration, by the median of several calls.

When it fails: the application waits longer for the database than it did: an index or the planner's statistics are
missing, or a cache is still cold. It is a warning, unless the endpoint's `max_slowdown` says how slow it may be.

How to mend: run ANALYZE if planner_statistics says so, look at indexes and plans, and ask again when caches are warm.
If it may take longer now, raise `max_slowdown`, or take the baseline again under the load of every day.

What it cannot see: endpoints that change something, asked once only unless `calls` says more, and times under load.
"""

from typing import Any

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.post_rollback,
    pytest.mark.endpoints,
    pytest.mark.http,
    pytest.mark.severity("medium"),
]


def test_endpoint_latency(expect: Expect, recorded_seconds: Any) -> None:
    expect.none_of(recorded_seconds.endpoints, recorded_seconds.ask)
