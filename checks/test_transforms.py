"""Every transform between a type and a language is as it was.

When it fails: functions in that language get their arguments in another form.

How to mend: `rollproof repair` prints CREATE TRANSFORM. Open sessions may go on with what they have: connect again.

What it cannot see: what its functions do.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.types, pytest.mark.severity("low")]


def test_transforms(expect: Expect) -> None:
    expect.restored("transforms")
