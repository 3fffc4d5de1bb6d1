"""The planner knows what it knew about every table: what was analysed is analysed again, and the number of its rows is about right.

When it fails: it warns, and fails only with --strict. A rebuilt table has no statistics until autovacuum comes by, and until
then queries may take minutes instead of milliseconds: ANALYZE.

How to mend: ANALYZE the tables that are named, or ANALYZE alone for all; `rollproof repair` prints it. It locks
nothing that an application needs.

What it cannot see: whether the statistics are good. A number of rows is about right if it is off by less than half or twice,
or by less than a hundred rows.
"""

from collections.abc import Mapping

import pytest

from rollproof.probes.row_estimates import far_off
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.scan, pytest.mark.severity("medium")]


def test_planner_statistics(expect: Expect, before: Source, after: Live, counted: Mapping[str, str]) -> None:
    more = far_off(before, after, counted)
    expect.restored("planner_statistics", heals=lambda _: True, more=more)
