"""pg_dump, which knows nothing of our SQL, sees no difference either.

When it fails: the definition that pg_dump would write is another one than before. What other checks report as well is
theirs to explain; a difference that only this check reports is real all the same, and a gap in ours: please tell us.

How to mend: mend what the other checks report, then ask again. What is left is shown as a diff: run `rollproof
repair`, and tell us what it could not mend.

What it cannot see: what `pg_dump --schema-only` leaves out: rows, where sequences stand, subscriptions and user mappings, what
extensions brought, whether keys are enforced, and all that belongs to the whole server (roles, tablespaces).
"""

import pytest

from rollproof.probes.column_order import ColumnOrder
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.dump, pytest.mark.severity("medium")]


def test_pg_dump(expect: Expect, column_order: ColumnOrder) -> None:
    expect.restored("pg_dump", harmless=column_order.ignored, heals=column_order.warned)
