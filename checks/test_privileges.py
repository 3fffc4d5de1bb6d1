"""Every grant is back: tables, columns, sequences, functions, schemas, types and the database.

When it fails: the application gets permission denied, or somebody may read what was not theirs.

What it cannot see: roles' memberships (roles) and attributes.
"""

import pytest

from rollproof.probes.shared_objects import of_other_databases

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_privileges(expect, before, after):
    expect.restored("privileges", harmless=of_other_databases("privileges", before, after))
