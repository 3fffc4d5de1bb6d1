"""No migrated table has more rows than were copied before, unless the configuration says that it may grow.

When it fails: the migration made rows of its own, or the application already writes; a rollback would lose those rows.

How to mend: ask who wrote these rows: the migration (correct it) or the application (then a rollback loses them, see
at_risk). A table that may grow: `may_grow = true` in rollproof.toml.

What it cannot see: tables without a copy, and who wrote the rows.
"""

from collections.abc import Callable

import pytest

from rollproof.backup.copies import Copy
from rollproof.migration.row_fate import RowFates
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_migration, pytest.mark.rows, pytest.mark.scan, pytest.mark.severity("low")]


def test_migrated_counts(
    expect: Expect, fates: RowFates, all_copies: list[Copy], may_grow: Callable[[str], bool]
) -> None:
    expect.none_of([copy for copy in all_copies if not may_grow(copy.table)], fates.added)
