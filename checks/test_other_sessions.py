"""Nobody else is connected, so nothing is written while the rollback takes the tables away.

When it fails: stop these services first; what they write until then is lost, and they may hold the migrated types in
memory and fail afterwards.

How to mend: stop the services, at the pooler too, and let nobody new in: ALTER DATABASE … CONNECTION LIMIT 0 keeps
out all but superusers (write down what it was). Then SELECT pg_terminate_backend(PID) for who is left.

What it cannot see: services that connect only when they need to, and sessions of poolers that are idle elsewhere.
"""

import pytest

from rollproof.probes.activity import Backend, other_sessions
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.pre_rollback,
    pytest.mark.traffic,
    pytest.mark.severity("medium"),
]


def test_other_sessions(expect: Expect, sessions: tuple[Backend, ...]) -> None:
    expect.nothing(other_sessions(sessions))
