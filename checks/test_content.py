"""Every row of every table reads exactly as before, to the last letter, digit and NULL.

When it fails: values changed although the counts may agree; a key that went through uuid and back, for one, lost its
capital letters or hyphens, and every outside reference to it is broken.

How to mend: `rollproof repair` copies rows back from the backup, from a database or a dump; with a baseline alone
there are no values, only the proof that they changed. Stop the application first where keys changed: what it writes
refers to the new ones.

What it cannot see: the rows' physical order, and system columns; and which rows differ, where only a baseline is at hand,
which keeps one fingerprint of a whole table (after `capture --detail`: one of each range of its keys).
"""

import pytest

from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.expect import Expect
from rollproof.verdict.row_evidence import RowEvidence

pytestmark = [pytest.mark.post_rollback, pytest.mark.content, pytest.mark.scan, pytest.mark.severity("critical")]


def test_content(expect: Expect, scanned: TableGroup, evidence: RowEvidence) -> None:
    views = evidence.views
    expect.restored(
        "content",
        scanned,
        harmless=evidence.is_growth,
        heals=views.only_stale,
        rows=evidence.of,
        statements=views.refresh,
    )
