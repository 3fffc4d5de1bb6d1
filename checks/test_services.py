"""Every service of the application is in the state that the phase wants: stopped before the rollback, running and stable after it.

When it fails: before the rollback, something may write to the tables that are about to be replaced. After it, the application
is not back: it does not run, or ends again and again, and its manager's words say how far it came.

How to mend: `rollproof services stop` before the rollback, `rollproof services start` after it. A service that does not stay up
says why in its own log. If another state is right in a phase, say so by `states` under [[services]] in rollproof.toml.

What it cannot see: whether a running service works (that is what endpoints show), services that nobody named under
[[services]], and, with openrc and sysvinit, a restart between two looks.
"""

from collections.abc import Callable, Iterable

import pytest

from rollproof.model.finding import Finding
from rollproof.settings.service import Service
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.services,
    pytest.mark.http,
    pytest.mark.severity("high"),
]


def test_services(expect: Expect, service: Service, seen_of: Callable[[Service], Iterable[Finding]]) -> None:
    expect.nothing(seen_of(service))
