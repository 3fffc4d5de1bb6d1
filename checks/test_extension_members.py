"""Every object that belonged to an extension, or was to be dropped with it, still does and is as it was, and nothing else.

When it fails: DROP EXTENSION or an update takes along too much or too little, and pg_dump leaves out what it thinks
belongs to one; or a function that the extension brought was replaced, and works otherwise than its version promises.

How to mend: ALTER EXTENSION … ADD or DROP, which `rollproof repair` prints. A function of it that was replaced: DROP
EXTENSION is not needed, CREATE OR REPLACE it as the extension's own script has it.

What it cannot see: the queries of an extension's views, and what no version of PostgreSQL alters in place.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_extension_members(expect: Expect) -> None:
    expect.restored("extension_members")
