"""Every endpoint of the application answers as the configuration says: status, time, keys, and JSON Schema.

When it fails: the database may be right and the application still is not, for example because it holds prepared
statements or cached types of the migrated tables; restart it and ask again.

How to mend: restart the application and its connection pooler, and ask again. If the address or what is expected of
it changed, correct [[endpoints]] in rollproof.toml.

What it cannot see: whether the values in the answer are right, and endpoints that nobody named under [[endpoints]].
"""

from collections.abc import Callable

import pytest

from rollproof.settings.endpoint import Endpoint

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.endpoints,
    pytest.mark.http,
    pytest.mark.severity("high"),
]


def test_endpoints(endpoint: Endpoint, require_good_answer: Callable[[Endpoint], None]) -> None:
    require_good_answer(endpoint)
