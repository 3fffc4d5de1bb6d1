"""Every object that belonged to an extension, or was to be dropped with it, still does, and nothing else.

When it fails: DROP EXTENSION or an update takes along too much or too little, and pg_dump leaves out what it thinks
belongs to one.

What it cannot see: the members' definitions: the version stands for them.
"""

import pytest

from rollproof.judge import require_restored

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_extension_members(before, after, accepted):
    require_restored("extension_members", before, after, accepted)
