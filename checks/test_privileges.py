"""Every grant is back: tables, columns, sequences, functions, schemas, types and the database.

When it fails: the application gets permission denied, or somebody may read what was not theirs.

How to mend: `rollproof repair` prints GRANT and REVOKE. Run the REVOKE of what nobody should have first. Do not
answer "permission denied" with GRANT ALL or with superuser.

What it cannot see: roles' memberships (roles) and attributes.
"""

import pytest

from rollproof.sources.live import Live
from rollproof.sources.shared_objects import of_other_databases
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_privileges(expect: Expect, before: Source, after: Live) -> None:
    expect.restored("privileges", harmless=of_other_databases("privileges", before, after))
