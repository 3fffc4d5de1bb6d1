"""Every function and procedure is back: body, volatility, security, settings and all.

When it fails: the application or a trigger calls other code than before; SECURITY DEFINER with another search_path
is a hole.

How to mend: `rollproof repair` prints CREATE OR REPLACE FUNCTION. Where the type of its result changed it must be
dropped first, and what depends on it comes back in the same transaction. Read the body before you run it.

What it cannot see: what extensions brought, and code outside the database.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_functions(expect: Expect) -> None:
    expect.restored("functions")
