"""Every endpoint answers as it did before the migration: the same status, and the same keys in its JSON.

When it fails: the application works otherwise on this database than it did; its own log says more.

How to mend: restart the application, then ask again; its connections may hold types and plans of before. If the
answer stays another one, look in its log, then at the other findings: a table or a grant that is missing comes first.

What it cannot see: the values in the answers (of chosen ones: endpoint_values), and endpoints that nobody named.
"""

from typing import Any

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.post_rollback,
    pytest.mark.endpoints,
    pytest.mark.http,
    pytest.mark.severity("high"),
]


def test_endpoint_answers(expect: Expect, recorded_answers: Any) -> None:
    expect.none_of(recorded_answers.endpoints, recorded_answers.ask)
