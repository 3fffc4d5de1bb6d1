"""No row refers to a row that is not there: for every foreign key that is, that was, and that the configuration names.

When it fails: joins lose these rows without a word, and the foreign key cannot be put back (or was put back without
looking at them).

How to mend: find the rows by the keys that are named. Put their parent rows back (`rollproof repair` does, from the
copies) rather than delete the children; only then add or VALIDATE the foreign key.

What it cannot see: relations that nobody declared; name them under [[foreign_key]] in rollproof.toml.
"""

import pytest

from rollproof.probes.foreign_keys import Orphans
from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.orphans,
    pytest.mark.constraints,
    pytest.mark.scan,
    pytest.mark.severity("critical"),
]


def test_orphans(expect: Expect, orphans: Orphans, group: TableGroup) -> None:
    expect.nothing(orphans.of(group))
