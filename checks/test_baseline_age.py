"""The baseline was taken before the migration was begun, as its log tells, and not long ago.

When it fails: the baseline may be of another time than you think, and a database that equals it proves little: look at what the
reports say of it, and fetch the one that was taken right before the migration. By --max-baseline-age an older one proves nothing.

How to mend: name the baseline that was taken right before the migration with `--reference`; a look at its file's time
and SHA-256 in the header tells which it is. Do not take a new one now: it would be of the migrated database.

What it cannot see: changes between the baseline and the migration; without a log, whether the migration was begun earlier.
"""

import pytest

from rollproof.migration.baseline_age import doubts
from rollproof.migration.log import MigrationLog
from rollproof.model.provenance import ReferenceFacts
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.log,
    pytest.mark.severity("high"),
]


def test_baseline_age(
    expect: Expect, baseline: ReferenceFacts, known_log: MigrationLog | None, max_age: float | None
) -> None:
    expect.nothing(doubts(baseline, known_log, max_age))
