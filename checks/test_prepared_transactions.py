"""No prepared transaction was left open.

When it fails: it keeps its locks, hides its rows, and stops vacuum until somebody commits it or rolls it back.

What it cannot see: transactions that are merely long.
"""

import pytest

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.traffic, pytest.mark.severity("high")]


def test_prepared_transactions(expect):
    expect.restored("prepared_transactions")
