"""The database has its encoding, locale, connection limit and tablespace.

When it fails: text sorts or compares differently, or connections are refused.

What it cannot see: its owner, grants, comment and settings, which have checks of their own; its name.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_database(expect: Expect) -> None:
    expect.restored("database")
