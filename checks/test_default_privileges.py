"""What is granted on objects made from now on is what it was.

When it fails: the next table that is created is readable by too few or too many.

How to mend: `rollproof repair` prints ALTER DEFAULT PRIVILEGES. It changes no object that is there already: look at
privileges too.

What it cannot see: grants on what is there already (privileges).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_default_privileges(expect: Expect) -> None:
    expect.restored("default_privileges")
