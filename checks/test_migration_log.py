"""The migration's own log is as this phase expects it: completed, with nothing still running and nothing later.

When it fails: the tool died, still runs, failed later, or the migration was applied again after the rollback; or the rollback
was done twice, or while another migration was at work. What the other checks saw may change any moment.
See what the log says, and let one run of the tool come to its end. A warning says that the rollback took longer than when it was
rehearsed (--envelope): ask what was in its way before you need it again.

How to mend: wait for the tool, or end it; then run it once to its end. If it died, its own `status` says where. Do
not correct the log's rows by hand to make this green: nobody would know afterwards what was run.

What it cannot see: whether the tool did what it logged, and runs that it never logged.
"""

from collections.abc import Iterable

import pytest

from rollproof.migration.log import MigrationLog, flaws
from rollproof.model.finding import Finding
from rollproof.model.phase import Phase
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.log,
    pytest.mark.severity("high"),
]


def test_migration_log(expect: Expect, log: MigrationLog, phase: Phase, slower: Iterable[Finding]) -> None:
    expect.nothing([*flaws(log, phase.log), *slower])
