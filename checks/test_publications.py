"""Every publication publishes the same tables, columns, rows and operations.

When it fails: subscribers stop getting changes without any error, or get more than they should.

How to mend: `rollproof repair` prints ALTER PUBLICATION. A table that was out of it for a while has lost changes:
ALTER SUBSCRIPTION … REFRESH PUBLICATION, and copy that table anew on the subscriber.

What it cannot see: whether subscribers have caught up.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_publications(expect: Expect) -> None:
    expect.restored("publications")
