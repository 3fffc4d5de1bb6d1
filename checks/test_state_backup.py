"""The database was dumped as it is before the rollback, and the dump holds every table with all of its rows.

When it fails: there is no dump that could bring back the state of now, should the rollback make it worse. None is left half
done: what could not be verified was removed.

How to mend: the sentence says why: make room, let the role read all tables (GRANT pg_read_all_data), or name another folder,
and run the phase again. `pg_restore --list FILE` shows what is in a dump.

What it cannot see: roles and tablespaces (`pg_dumpall --globals-only` has them), what large objects hold, and whether a
restore of it succeeds: `--backup-file FILE` restores it on a throw-away server.
"""

from collections.abc import Callable, Iterable

import pytest

from rollproof.model.finding import Finding
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.pre_rollback, pytest.mark.backup, pytest.mark.scan, pytest.mark.severity("critical")]


def test_state_backup(expect: Expect, state_backup: Callable[[], Iterable[Finding]]) -> None:
    expect.nothing(state_backup())
