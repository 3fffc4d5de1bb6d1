"""Every table that the migration leaves alone reads as it did in the reference, row by row.

When it fails: the migration, or a trigger that it set off, wrote where it should not; or the application is at work again.

How to mend: ask what wrote there: triggers of migrated tables, or the application. Rows come back from a dump or
another database; the migration's copies do not have this table.

What it cannot see: which of the two it was.
"""

from collections.abc import Callable, Iterable

import pytest

from rollproof.model.finding import Finding
from rollproof.verdict.expect import Expect
from rollproof.verdict.row_evidence import RowEvidence

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.rows,
    pytest.mark.content,
    pytest.mark.scan,
    pytest.mark.severity("medium"),
]


def test_untouched_rows(
    expect: Expect, untouched: list[str], other_rows: Callable[[str], Iterable[Finding]], evidence: RowEvidence
) -> None:
    views = evidence.views
    expect.none_of(untouched, other_rows, heals=views.only_stale, rows=views.report, statements=views.refresh)
