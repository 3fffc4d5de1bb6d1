"""What an exception says of a bundled check."""

from types import SimpleNamespace

import pytest

from fixtures.every import every
from rollproof.plugin.judge import kind_of


@every(
    "message, kind",
    [("Timeout (>60.0s) from pytest-timeout.", "inconclusive"), ("no timeout at all", "broken")],
)
def test_what_pytest_timeout_ends_is_no_error_of_ours(message, kind):
    """Projects set it for their own tests; a scan of a large table takes longer than any of those."""
    assert kind_of(pytest.fail.Exception(message), SimpleNamespace(longrepr=""))[0] == kind
