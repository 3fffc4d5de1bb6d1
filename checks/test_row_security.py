"""Row security is on, and forced, where it was.

When it fails: policies that stand there without it protect nothing; forced where it was not, the owner sees too few
rows.

How to mend: ALTER TABLE … ENABLE (or DISABLE, FORCE, NO FORCE) ROW LEVEL SECURITY, which `rollproof repair` prints.
Until then keep the application away from the table.

What it cannot see: the policies themselves (policies).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_row_security(expect: Expect) -> None:
    expect.restored("row_security")
