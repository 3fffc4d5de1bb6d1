"""Every primary key, foreign key, unique, check and exclusion constraint is back, as strict as it was.

When it fails: rows that the old schema refused are accepted from now on, and the longer that lasts the harder it is to
put the constraint back.

How to mend: mend the rows first (orphans), then run what `rollproof repair` prints; `--online` adds it NOT VALID and
validates it later, without a long lock. Do not leave it NOT VALID: old rows stay unchecked.

What it cannot see: whether rows broke a constraint while it was away (orphans looks at foreign keys).
"""

import pytest

from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_rollback,
    pytest.mark.structure,
    pytest.mark.constraints,
    pytest.mark.severity("critical"),
]


def test_constraints(expect: Expect, group: TableGroup) -> None:
    expect.restored("constraints", group)
