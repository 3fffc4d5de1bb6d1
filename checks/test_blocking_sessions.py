"""No session is in the way: no long or idle transaction, no lock on a table that is not for reading or writing rows.

When it fails: the next step waits for this session, and everybody else then waits behind the next step. Let it end, or
end it: SELECT pg_terminate_backend(process).

How to mend: ask whose session it is, and let it end. SELECT pg_terminate_backend(PID) ends one that nobody needs; its
transaction is rolled back. An autovacuum that is in the way comes back by itself.

What it cannot see: who comes a moment later; use a lock_timeout and try again.
"""

from itertools import chain

import pytest

from rollproof.model.finding import Finding
from rollproof.probes.activity import Backend, blocking
from rollproof.settings.sections import Migration
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.pre_rollback,
    pytest.mark.traffic,
    pytest.mark.severity("high"),
]


def test_blocking_sessions(
    expect: Expect,
    sessions: tuple[Backend, ...],
    prepared_transactions: tuple[Finding, ...],
    migration: Migration,
    role: str,
) -> None:
    found = chain(prepared_transactions, blocking(sessions, migration.longest_transaction, role))
    expect.nothing(found)
