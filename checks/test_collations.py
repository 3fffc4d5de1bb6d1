"""Every collation has its provider and locale.

When it fails: indexes on text were sorted by other rules than the queries use now: REINDEX.

How to mend: `rollproof repair` prints CREATE COLLATION. A collation cannot be altered: what sorts by a wrong one must
be given the right one (ALTER COLUMN … TYPE … COLLATE), which builds its indexes anew.

What it cannot see: the library behind it: see collation_versions.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.types, pytest.mark.severity("high")]


def test_collations(expect: Expect) -> None:
    expect.restored("collations")
