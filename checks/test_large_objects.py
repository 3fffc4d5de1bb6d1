"""There are as many large objects as before, with their owners and grants.

When it fails: files kept in the database are lost, or readable by others.

How to mend: owners and grants: `rollproof repair` prints ALTER LARGE OBJECT … OWNER TO and GRANT. One that is lost
comes back from a dump that holds it (pg_restore), and from nowhere else.

What it cannot see: their bytes.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.content, pytest.mark.severity("high")]


def test_large_objects(expect: Expect) -> None:
    expect.restored("large_objects")
