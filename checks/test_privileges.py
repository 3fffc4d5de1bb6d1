"""Every grant is back: tables, columns, sequences, functions, schemas, types and the database.

When it fails: the application gets permission denied, or somebody may read what was not theirs.

What it cannot see: roles' memberships (roles) and attributes.
"""

import pytest

from rollproof.probes.shared_objects import elsewhere
from rollproof.verdict.expect import require_restored

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_privileges(before, after, accepted, owner):
    require_restored("privileges", before, after, accepted, owner, harmless=elsewhere("privileges", before, after))
