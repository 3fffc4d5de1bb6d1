"""Every table of the migration has its copy in the backup schema, and the copy is a plain, permanent table of its own.

When it fails: there is nothing to restore from, or something that will not be there after a crash (an unlogged table), or that
changes with the live table (a view); make the copy before anything else is done.

How to mend: before the rollback: CREATE TABLE copy AS TABLE original, from a table that is still as it was, or ALTER
TABLE … SET LOGGED for an unlogged copy. After the migration a copy of the live table is no backup: take the rows from
a dump or another server instead.

What it cannot see: what is in the copy (backup_content), and a backup elsewhere (a dump, a base backup).
"""

import pytest

from rollproof.backup.copies import Copies
from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.backup,
    pytest.mark.severity("high"),
]


def test_backup(expect: Expect, copies: Copies, copied: TableGroup) -> None:
    expect.none_of(copied.names, copies.flaws)
