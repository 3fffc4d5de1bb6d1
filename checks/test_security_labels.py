"""Every security label is back.

When it fails: a label provider such as SELinux or an anonymiser treats the object as unlabelled.

How to mend: `rollproof repair` prints the SECURITY LABEL statements. The label provider's library must be loaded on
the server.

What it cannot see: what the provider makes of it.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_security_labels(expect: Expect) -> None:
    expect.restored("security_labels")
