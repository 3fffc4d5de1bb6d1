"""The database has its encoding, locale, connection limit and tablespace.

When it fails: text sorts or compares differently, or connections are refused.

How to mend: ALTER DATABASE … CONNECTION LIMIT, which `rollproof repair` prints. SET TABLESPACE needs that nobody is
connected. Encoding and locale cannot be altered: make a new database with the right ones and restore into it.

What it cannot see: its owner, grants, comment and settings, which have checks of their own; its name.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_database(expect: Expect) -> None:
    expect.restored("database")
