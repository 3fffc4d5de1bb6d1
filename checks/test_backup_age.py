"""Every copy is older than the first change in the migration's log, and no row of it was written since, or it is as the reference.

When it fails: the copy holds what the migration had made of the table by then, not what was there before it.

How to mend: do not restore from this copy before you know what it holds: verify with `--reference` and a dump or a
database of before the migration. If the copy is older all the same (its log tells another time zone, say), put that
right under [log] in rollproof.toml.

What it cannot see: rows deleted from a copy, which leave no trace; the order inside one transaction; a change that
nobody logged; and, after a dump and restore, the original times. Rows that are the reference's end every doubt about age.
"""

import pytest

from rollproof.backup.copies import Copy
from rollproof.migration.backup_age import Step, too_late
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.backup,
    pytest.mark.severity("high"),
]


def test_backup_age(expect: Expect, table_copies: list[Copy], steps: tuple[Step, ...], before: Source) -> None:
    expect.none_of(table_copies, lambda copy: too_late(copy, steps, before))
