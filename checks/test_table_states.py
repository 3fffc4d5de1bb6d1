"""Every table is in the state in which this phase should find it: migrated after the migration, original after the rollback.

When it fails: the migration or the rollback stopped half way; these tables are still the one thing while others are
already the other, and joins between them fail. Run the tool again, or roll these tables back.

How to mend: run the rollback (after a migration: the migration) again for all of its tables, together. Do not mend
one table by hand while others are in the other state: the joins between them break.

What it cannot see: the rows, and migrations that change no column's type.
"""

import pytest

from rollproof.migration.table_states import State, flaws
from rollproof.model.phase import Phase
from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.structure,
    pytest.mark.types,
    pytest.mark.severity("critical"),
]


def test_table_states(expect: Expect, table_states: dict[str, State], phase: Phase, tables: TableGroup) -> None:
    expect.nothing(flaws(table_states, tables.names, phase.tables))
