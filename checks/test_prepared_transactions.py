"""No prepared transaction was left open.

When it fails: it keeps its locks, hides its rows, and stops vacuum until somebody commits it or rolls it back.

What it cannot see: transactions that are merely long.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.traffic, pytest.mark.severity("high")]


def test_prepared_transactions(expect: Expect) -> None:
    expect.restored("prepared_transactions")
