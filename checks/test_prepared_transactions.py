"""No prepared transaction was left open.

When it fails: it keeps its locks, hides its rows, and stops vacuum until somebody commits it or rolls it back.

How to mend: COMMIT PREPARED or ROLLBACK PREPARED with its identifier, by its owner or a superuser, in this database.
Ask the transaction manager which of the two: the other half may be in another database.

What it cannot see: transactions that are merely long.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.traffic, pytest.mark.severity("high")]


def test_prepared_transactions(expect: Expect) -> None:
    expect.restored("prepared_transactions")
