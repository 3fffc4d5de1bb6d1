"""Every table and index access method is there with its handler.

When it fails: tables or indexes that use it cannot be read.

How to mend: CREATE ACCESS METHOD … HANDLER …, as a superuser, after its library was installed on the server;
`rollproof repair` prints it. Then ask again: tables and indexes that use it can be looked at only now.

What it cannot see: what the handler does.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_access_methods(expect: Expect) -> None:
    expect.restored("access_methods")
