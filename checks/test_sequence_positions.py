"""Every sequence goes on from where it stood or from further ahead, so the next insert cannot meet a key that was given out.

When it fails: the next inserts collide with keys that are in use, or give out numbers a second time; setval() to the
place before.

How to mend: run the setval() that is printed before the application writes again. Further ahead is harmless; never
set a sequence back.

What it cannot see: numbers that were given out and never committed, and whether rows lie beyond the sequence.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_sequence_positions(expect: Expect) -> None:
    expect.restored("sequence_positions")
