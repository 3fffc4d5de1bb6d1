"""Every row of a migrated table's copy is in the table itself, once and unchanged but for the types of its keys.

When it fails: rows were lost or altered on the way. The application already works on them, so decide at once.

How to mend: decide on the rollback now, while the copies still hold everything: `rollproof verify pre_rollback`.
Single rows can be put back from the copy with INSERT … SELECT, once you know why they were lost.

What it cannot see: the case and the hyphens of keys that became uuid (they are gone by design), and damage that was done
before the copy was made. Of a migrated table without a copy it says that it cannot tell.
"""

from collections.abc import Callable, Iterable

import pytest

from rollproof.model.finding import Finding
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.rows,
    pytest.mark.content,
    pytest.mark.scan,
    pytest.mark.severity("critical"),
]


def test_migrated_rows(expect: Expect, lost_rows: Callable[[str], Iterable[Finding]], touched: list[str]) -> None:
    expect.none_of(touched, lost_rows)
