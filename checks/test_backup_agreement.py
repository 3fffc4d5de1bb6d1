"""Reference, backup and live table hold the same rows, each as a witness for the two others.

When it fails: it names the odd one out, and with it the place where the damage was done: in the restore, in the backup, or
before the backup was taken.

How to mend: live is the odd one: `rollproof repair` copies the rows back from the backup. The backup is: repair from
the reference (`--backup-file DUMP`, or a database's URL). The reference is: find out what was written between
baseline and backup, and take the older one as the truth only if nothing was.

What it cannot see: rows that are wrong in all three alike, and, where the backup is the reference, which of two is wrong.
"""

from collections.abc import Callable

import pytest

from rollproof.backup.copies import Copy
from rollproof.backup.three_way import Alike, disagreement
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_rollback,
    pytest.mark.backup,
    pytest.mark.rows,
    pytest.mark.content,
    pytest.mark.scan,
    pytest.mark.severity("critical"),
]


def test_backup_agreement(expect: Expect, table_copies: list[Copy], same_rows: Callable[[Copy], Alike]) -> None:
    expect.none_of(table_copies, lambda copy: disagreement(copy, same_rows(copy)))
