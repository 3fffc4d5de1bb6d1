"""Every table is there, of the same kind, and no other table was left behind.

When it fails: what is missing is lost with all its rows unless a backup holds it; what was left behind is part of the
migration that the rollback forgot.

How to mend: `rollproof repair` prints CREATE TABLE, and puts rows back from the copies, a database or a dump. With a
baseline alone it comes back empty: get the rows from a dump before the application fills it. One that was left
behind: look at its rows before DROP TABLE.

What it cannot see: what the tables hold (rows, content), and the backup schema and the migration log, which are expected.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_tables(expect: Expect) -> None:
    expect.restored("tables")
