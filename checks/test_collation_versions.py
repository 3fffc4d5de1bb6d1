"""The library that sorts text is the one that the indexes were sorted with.

When it fails: the database was moved to another system, or the system's library was updated: indexes may be out of order, so
that rows are not found and unique keys are doubled. REINDEX, then refresh the recorded version.

How to mend: REINDEX (or REINDEX … CONCURRENTLY) the indexes on text, then ALTER COLLATION … REFRESH VERSION or ALTER
DATABASE … REFRESH COLLATION VERSION. Not the other way round: refreshed without a reindex it only hides that they are
out of order.

What it cannot see: libraries and locales without versions (C, POSIX; on PostgreSQL 14 also the database's own), and whether
anything is in fact out of order.
"""

import pytest

from rollproof.probes.collation_versions import repairs, sorted_as_before
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_collation_versions(expect: Expect, before: Source, after: Live) -> None:
    same_server = before.origin is not None and before.origin.system == after.origin.system
    texts = after.recorded.get("collation_versions", {})
    expect.restored(
        "collation_versions",
        harmless=lambda found: sorted_as_before(found, same_server=same_server),
        statements=lambda identity: repairs(identity, texts.get(identity, ""), after.origin.database),
    )
