"""The role that rolls back can read every row of every copy: no grant is missing, and no row security hides rows from it.

When it fails: the rollback would stop for want of a grant, or, worse, silently restore only the rows that it was shown.

How to mend: GRANT SELECT on the copies to the role that rolls back, and for row security let it be the owner, or give
it BYPASSRLS. Do not switch row security off for everybody.

What it cannot see: whether it may write the live tables, and, unless [backup] role in rollproof.toml names it, which role
that is: then the copy's owner is taken.
"""

import pytest

from rollproof.backup.columns import unreadable
from rollproof.backup.copies import Copy
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.backup,
    pytest.mark.severity("high"),
]


def test_backup_readers(expect: Expect, table_copies: list[Copy]) -> None:
    expect.none_of(table_copies, unreadable)
