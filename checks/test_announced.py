"""What [migration] announces came true: what it adds is there, what it drops is gone, and nothing else is new.

When it fails: the migration did not do all that it was to do: it stopped half way, or is another one. What is new and was not
announced is a warning; without any `adds` it is a note.

How to mend: run the migration to its end, or undo it; where rollproof.toml announces another migration than this one,
correct `adds` and `drops` under [migration]. Do not make by hand what the migration did not: its next run would meet
it.

What it cannot see: whether what is new is as it should be, and changes within what was there (nothing_lost tells these).
"""

from itertools import chain

import pytest

from rollproof.migration.announced_changes import flaws, unannounced
from rollproof.probes.leftovers import Leftover
from rollproof.settings.sections import Migration
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_migration, pytest.mark.structure, pytest.mark.severity("high")]


def test_announced(
    expect: Expect, before: Source, after: Live, new: tuple[Leftover, ...], migration: Migration
) -> None:
    found = chain(flaws(before, after, migration), unannounced(new, migration))
    expect.nothing(found)
