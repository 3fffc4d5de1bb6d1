"""No table takes twice the room for its rows that it took before.

When it fails: it warns, and fails only with --strict. A rollback that updates rows in place leaves the old ones behind: scans read
them, too, and backups grow. From 100 MB on it is told.

How to mend: VACUUM makes the room usable for new rows, and locks nothing that an application needs; do that first. VACUUM
FULL gives it back to the disk, and nobody reads or writes the table meanwhile; pg_repack does it without that lock.

What it cannot see: indexes, and pages that came since VACUUM or ANALYZE last looked (ANALYZE first). Rows that are longer
now look like bloat.
"""

import pytest

from rollproof.probes.storage import Storage, bloated
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("low")]


def test_bloat(expect: Expect, storage: tuple[Storage, Storage]) -> None:
    expect.nothing(bloated(*storage))
