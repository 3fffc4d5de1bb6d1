"""Every row that was copied before the migration is in the migrated table, once and unchanged but for the types of its keys.

When it fails: rows were lost or altered on the way. The application already works on them, so decide at once.

What it cannot see: the case and the hyphens of keys that became uuid (they are gone by design), tables without a copy,
and damage that was done before the copy was made.
"""

import pytest

from rollproof.judge import each, require_none

pytestmark = [pytest.mark.post_migration, pytest.mark.content, pytest.mark.severity("critical")]


def test_migrated_rows(fates, kept, accepted):
    require_none("migrated_rows", each(kept, fates.lost), accepted)
