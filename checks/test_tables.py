"""Every table is there, of the same kind, and no other table was left behind.

When it fails: what is missing is lost with all its rows unless a backup holds it; what was left behind is part of the
migration that the rollback forgot.

What it cannot see: what the tables hold (rows, content), and the backup schema and the migration log, which are expected.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_tables(expect: Expect) -> None:
    expect.restored("tables")
