"""Every table has exactly as many rows as before.

When it fails: rows were lost, doubled, or written since; with a backup or a live reference at hand, do not let the
application write until you know which.

How to mend: `rollproof repair` copies missing rows back, from the backup, a database or a dump. It never deletes:
rows that were added since are named, and you decide. A table that may grow: `may_grow = true` in rollproof.toml.

What it cannot see: whether they are the same rows (content), and rows on other servers (foreign tables).
"""

import pytest

from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.expect import Expect
from rollproof.verdict.row_evidence import RowEvidence

pytestmark = [pytest.mark.post_rollback, pytest.mark.rows, pytest.mark.scan, pytest.mark.severity("critical")]


def test_rows(expect: Expect, scanned: TableGroup, evidence: RowEvidence) -> None:
    views = evidence.views
    expect.restored(
        "rows",
        scanned,
        harmless=evidence.is_growth,
        heals=views.only_stale,
        rows=views.report,
        statements=views.refresh,
    )
