"""Every copy in the backup holds the rows that the reference has, all of them and to the last letter.

When it fails: a second rollback, or any recovery from this backup, would bring back something else than was there.

How to mend: do not restore from this copy. Take another source (`rollproof repair --backup-file DUMP`, or a
database's URL as `--reference`), then make the copy anew from it.

What it cannot see: where the backup is the reference, anything: it is no witness for itself.
"""

import pytest

from rollproof.backup.copies import Copy
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.backup,
    pytest.mark.content,
    pytest.mark.rows,
    pytest.mark.scan,
    pytest.mark.severity("high"),
]


def test_backup_content(expect: Expect, table_copies: list[Copy], before: Source) -> None:
    expect.none_of(table_copies, lambda copy: copy.other_rows(before))
