"""The migration took nothing away: every column, constraint, index, trigger, view, grant, comment and all else is still there.

When it fails: what is missing was forgotten when the tables were made again, and can mostly be put back in place; a
table or a column that is missing took its values along.

How to mend: run the statements that are printed, or make them part of the migration. A table or a column that is
missing took its values along: they come from the copies.

What it cannot see: what was added, casts and the migrated types themselves (they are expected to change), and the rows.
"""

from collections.abc import Callable, Iterable

import pytest

from rollproof.model.finding import Finding
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_migration,
    pytest.mark.structure,
    pytest.mark.types,
    pytest.mark.constraints,
    pytest.mark.severity("medium"),
]


def test_nothing_lost(expect: Expect, lost: Callable[[str], Iterable[Finding]], held_facets: list[str]) -> None:
    expect.none_of(held_facets, lost)
