"""The chosen queries answer what they did: the same rows and columns, and the same order where that counts.

When it fails: the application sees other data than before: rows are missing or doubled, values or types are others, or a
view or function that the query reads is another one.

How to mend: look at the other findings first: rows, content, views and functions say which object it is. If this is the only
one, run the query on both sides and compare.

What it cannot see: queries that nobody named under [[queries]], and those that answer differently each time.
"""

from collections.abc import Mapping

import pytest

from rollproof.model.query_result import QueryResult
from rollproof.verdict.expect import Expect
from rollproof.verdict.result_changes import result_changes

pytestmark = [pytest.mark.post_rollback, pytest.mark.content, pytest.mark.scan, pytest.mark.severity("high")]

Results = tuple[Mapping[str, QueryResult], Mapping[str, QueryResult], Mapping[str, str]]


def test_query_results(expect: Expect, recorded_results: Results) -> None:
    expect.nothing(result_changes(*recorded_results))
