"""Reference, backup and live table hold the same rows, each as a witness for the two others.

When it fails: it names the odd one out, and with it the place where the damage was done: in the restore, in the backup, or
before the backup was taken.

What it cannot see: rows that are wrong in all three alike, and, where the backup is the reference, which of two is wrong.
"""

import pytest

from rollproof.judge import each, require_none
from rollproof.triangle import triangle

pytestmark = [
    pytest.mark.post_rollback,
    pytest.mark.rows,
    pytest.mark.content,
    pytest.mark.backup,
    pytest.mark.severity("critical"),
]


def test_triangle(kept, before, after, accepted, evidence):
    require_none("triangle", each(kept, lambda copy: triangle(copy, before, after, evidence.only_grew)), accepted)
