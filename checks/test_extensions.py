"""Every extension is installed, in its version and schema.

When it fails: functions and types it brought are missing or behave as another version does.

How to mend: CREATE EXTENSION … VERSION …, ALTER EXTENSION … UPDATE TO or SET SCHEMA, which `rollproof repair` prints.
An older version has often no way back: then drop it and make it again, after a look at what depends on it. Its files
must be on the server.

What it cannot see: changes made by hand inside an extension's objects.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_extensions(expect: Expect) -> None:
    expect.restored("extensions")
