"""Every foreign table leads to the same server with the same options.

When it fails: queries read another remote table, or none.

What it cannot see: the rows on the other server.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_foreign_tables(expect: Expect) -> None:
    expect.restored("foreign_tables")
