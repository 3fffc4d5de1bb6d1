"""Every value that the migration is to turn into another type can become one, and no two of a key become the same.

When it fails: the migration would stop at these values, or lose them; correct them first.

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
