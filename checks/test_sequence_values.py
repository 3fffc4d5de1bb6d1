"""The next value of every sequence lies beyond every value of the columns that draw from it.

When it fails: the next inserts fail with a duplicate key, or give a row a number that another row goes by; run the setval() that is
shown, which sets it beyond them.

How to mend: run the setval() that is printed before the application writes again. Rows that got a number twice are
for you to sort out: it moves none.

What it cannot see: sequences that cycle, columns that are no numbers or make the number part of a larger expression, and what
the baseline shows alike (the same column on the same sequence, the same rows, the same position). That the default still
points at the sequence is in columns, that the sequence still belongs to its column in sequences.
"""

import pytest

from rollproof.probes.sequences import Furthest, behind
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.content, pytest.mark.scan, pytest.mark.severity("critical")]


def test_sequence_values(expect: Expect, before: Source, after: Live, values_in_use: Furthest) -> None:
    expect.nothing(behind(before, after, values=values_in_use))
