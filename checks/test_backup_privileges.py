"""The migration's copies, its other tables in the backup schema and its log are open to nobody who may not read the tables.

When it fails: rows that were kept from these roles (password hashes, say) lie open in a copy; run the REVOKE that is printed,
and ask who has read them since. As long as nobody may enter the schema it is a warning.

How to mend: run the REVOKE that is printed, or REVOKE ALL ON SCHEMA migration_backup FROM PUBLIC. In the next
migration let the schema be made with its rights first, then the copies.

What it cannot see: superusers and the copies' owner, who may read them in any case; files, dumps and replicas of the copies;
and whether a policy that is not simply true leaves a role every row.
"""

import pytest

from rollproof.backup.copies import Copies
from rollproof.backup.privileges import readable_by_too_many
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.backup,
    pytest.mark.severity("high"),
]


def test_backup_privileges(expect: Expect, copies: Copies, log_table: str) -> None:
    expect.nothing(readable_by_too_many(copies, log_table))
