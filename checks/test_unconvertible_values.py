"""Every value that the migration is to turn into another type can become one, and no two of a key become the same.

When it fails: the migration would stop at these values, or lose them; correct them first.

How to mend: UPDATE the values that are named, with their owners' consent, then `rollproof verify pre_migration`
again. Do not let the migration turn them into NULL.

What it cannot see: columns that [migration] in rollproof.toml does not name.
"""

from collections.abc import Callable, Iterable

import pytest

from rollproof.model.finding import Finding
from rollproof.sources.live import Live
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.content,
    pytest.mark.types,
    pytest.mark.scan,
    pytest.mark.severity("high"),
]


def test_unconvertible_values(expect: Expect, after: Live, unconvertible: Callable[[str], Iterable[Finding]]) -> None:
    expect.none_of(after.tables, unconvertible)
