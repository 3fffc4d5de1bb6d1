"""No table came to the age at which its old transactions are due to be frozen.

When it fails: it warns, and fails only with --strict. The server will freeze the table by itself, and then reads all of it, perhaps
at the worst hour. At 1.2 billion transactions it is urgent: at 2.1 billion PostgreSQL takes no writes any more.

How to mend: VACUUM (FREEZE, ANALYZE) the tables that are named, in a quiet hour; it locks nothing that an application needs. If the
age does not fall, an old transaction, a prepared one or a replication slot holds it.

What it cannot see: other databases of the server, which can end its writes as well. A table that was due already when the baseline
was taken is told only when it is urgent.
"""

import pytest

from rollproof.probes.storage import Storage, old
from rollproof.sources.live import Live
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_wraparound(expect: Expect, ages: tuple[Storage, Storage], after: Live) -> None:
    expect.nothing(old(*ages, after.origin.database))
