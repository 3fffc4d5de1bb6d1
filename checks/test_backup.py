"""Every table of the migration has its copy in the backup schema: a table of its own with the same rows.

When it fails: a second rollback, or any recovery from this backup, would bring back less than was there.

What it cannot see: a backup elsewhere (a dump, a base backup), and, where the backup is the reference, itself.
"""

import pytest

from rollproof.judge import require_none

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.backup,
    pytest.mark.severity("high"),
]


def test_backup(copies, before, accepted, copied):
    require_none("backup", copies.flaws(copied, before), accepted)
