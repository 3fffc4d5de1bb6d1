"""Everything that will be compared after the rollback can be read now, and is written down as the baseline.

When it fails: what cannot be read now can never be compared later; grant what is missing and run again. Nothing was written.

How to mend: run the GRANT that `rollproof doctor` prints, then `rollproof verify pre_migration` again. Do not begin
the migration with half a baseline.

What it cannot see: what changes between this moment and the migration; take the baseline when nobody writes any more.
"""

from collections.abc import Callable

import pytest

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.content,
    pytest.mark.final,
    pytest.mark.severity("critical"),
]


def test_baseline(record: Callable[[], None]) -> None:
    record()
