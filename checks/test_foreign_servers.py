"""Every foreign-data wrapper, server and user mapping is as it was.

When it fails: foreign tables cannot be read, or are read as somebody else.

How to mend: `rollproof repair` prints CREATE or ALTER SERVER. Passwords of user mappings are never known: it shows
the statement as a comment, to be completed by you.

What it cannot see: passwords and other secret options: named, never shown.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_foreign_servers(expect: Expect) -> None:
    expect.restored("foreign_servers")
