"""Every extension is installed, in its version and schema.

When it fails: functions and types it brought are missing or behave as another version does.

What it cannot see: changes made by hand inside an extension's objects.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_extensions(expect: Expect) -> None:
    expect.restored("extensions")
