"""The values that the configuration names are in the answers what they were before the migration, in spelling and type, too.

When it fails: who keeps such a value (a client, a link, another service) does not find it again: an id that comes back
in lower case, without its hyphens, or as a number is another id to whoever compares texts.

How to mend: look at the column that the value is from; the checks content and types say what became of it. If the value
is one that changes by itself, take it out of `values` in rollproof.toml.

What it cannot see: values that nobody named under `values`, and whether a value was right before.
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


def test_endpoint_values(expect: Expect, recorded_values: Any) -> None:
    expect.none_of(recorded_values.endpoints, recorded_values.ask)
