"""The migration left nothing behind: no schema, table, column, index, function, role, slot or any other object that is new.

When it fails: what was left grows, is written to by nobody or by the wrong program, slows every write (indexes, triggers) or
keeps every byte of WAL (slots); the failure ends in the statements that would remove it, which you run yourself.

How to mend: be sure that nobody needs them, then `rollproof repair --drop-leftovers` prints each DROP; without it
they are comments. Rows and tables with work that was done since are worth a dump first. What may stay is a waiver in
rollproof.toml.

What it cannot see: objects in schemas that the reference did not look at (new schemas it does see), and, with the backup as
the reference, whatever has an inconspicuous name. The backup schema and the migration log are expected. One waiver of this
check accepts an object with all its facts.
"""

import pytest

from rollproof.probes.leftovers import removal
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_leftovers(expect: Expect, before: Source, after: Live) -> None:
    expect.nothing(removal(before, after))
