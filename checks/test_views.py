"""Every view and materialized view is back with its query and options, filled if it was.

When it fails: queries fail, or see rows that security_barrier or a check option kept from them.

How to mend: `rollproof repair` prints CREATE OR REPLACE VIEW, or drops it and makes it again with owner, grants and
all that stands on it. A materialized view that is empty: REFRESH MATERIALIZED VIEW.

What it cannot see: whether a materialized view is up to date with its tables. If it was refreshed at another moment, its
rows are not those of the reference, which content tells; with the backup as the reference, which has no views, nobody looks.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_views(expect: Expect) -> None:
    expect.restored("views")
