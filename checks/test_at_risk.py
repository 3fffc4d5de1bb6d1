"""Nothing was written, changed or deleted since the backup was made, so the rollback loses nothing.

When it fails: the rollback would undo this work. Keep it first (--at-risk writes the rows down, table by table, so that
they can be replayed), or let the business say that it may be lost.

How to mend: let the business decide before anything is rolled back. `rollproof verify pre_rollback --at-risk` writes
these rows to files; stop what still writes (other_sessions), and ask again right before the rollback.

What it cannot see: tables without a copy, and changes that only touch the case or the hyphens of a uuid. Who wrote a row, the
log tells: what its own transactions wrote is the migration's; what others wrote before its last step was logged may be, and is
a warning, unless [migration] announces it. Without a log every change counts.
"""

from collections.abc import Callable, Iterable

import pytest

from rollproof.backup.copies import Copy
from rollproof.model.finding import Finding
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.pre_rollback,
    pytest.mark.rows,
    pytest.mark.content,
    pytest.mark.scan,
    pytest.mark.severity("high"),
]


def test_at_risk(expect: Expect, at_risk: Callable[[Copy], Iterable[Finding]], all_copies: list[Copy]) -> None:
    expect.none_of(all_copies, at_risk)
