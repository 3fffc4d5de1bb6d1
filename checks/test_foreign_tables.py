"""Every foreign table leads to the same server with the same options.

When it fails: queries read another remote table, or none.

How to mend: ALTER FOREIGN TABLE … OPTIONS (SET …), which `rollproof repair` prints; another server means to drop it
and to make it again, which loses no row: they lie elsewhere.

What it cannot see: the rows on the other server.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_foreign_tables(expect: Expect) -> None:
    expect.restored("foreign_tables")
