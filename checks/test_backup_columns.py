"""Every copy in the backup has the columns of its table, with the same types, lengths, precisions and collations.

When it fails: rows were cut, rounded or rewritten on their way into the copy, or will be on their way back.

How to mend: make the copy anew from a source that still has the rows whole, a dump or another server. ALTER TABLE …
ALTER COLUMN … TYPE on the copy brings back the type, and none of what was cut or rounded.

What it cannot see: constraints and defaults (a copy needs none), the order of columns, and, where the backup is the
reference, anything.
"""

import pytest

from rollproof.backup.columns import other_columns
from rollproof.backup.copies import Copy
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.backup,
    pytest.mark.types,
    pytest.mark.severity("high"),
]


def test_backup_columns(expect: Expect, table_copies: list[Copy], before: Source) -> None:
    expect.none_of(table_copies, lambda copy: other_columns(copy, before))
