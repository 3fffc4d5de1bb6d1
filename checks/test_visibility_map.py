"""Big tables have their visibility map again, so that index-only scans and VACUUM need not read all of them.

When it fails: it warns, and fails only with --strict. A table that was written anew has no visibility map until it is vacuumed:
an index-only scan then reads the table as well, and takes many times as long.

How to mend: VACUUM (ANALYZE) the tables that are named; it locks nothing that an application needs. Autovacuum does it, too, in a
minute or in an hour; it cannot while an old transaction is open (pg_stat_activity).

What it cannot see: tables of less than 8 MB, and what happened since VACUUM or ANALYZE last looked.
"""

import pytest

from rollproof.probes.storage import Storage, invisible
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("low")]


def test_visibility_map(expect: Expect, storage: tuple[Storage, Storage]) -> None:
    expect.nothing(invisible(*storage))
