"""What names, comments, defaults, labels and bodies hold cannot break out of the statements of a repair, run by psql."""

import shutil

import pytest

from fixtures.hostile_names import hostile
from fixtures.readers import execute
from fixtures.repairs import Subject
from rollproof.sources.recorded import Recorded


@pytest.mark.promise
@pytest.mark.skipif(shutil.which("psql") is None, reason="no psql is at hand")
@pytest.mark.parametrize("with_pg_dump", [True, False], ids=["pg_dump", "facts alone"])
def test_hostile_names_and_texts_are_put_back_and_do_nothing_else(server, with_pg_dump):
    """All that differs is mended, psql refuses nothing, and nothing else changes."""
    with hostile(server) as (url, damage):
        subject = Subject(url, with_pg_dump=with_pg_dump)
        before, rows = Recorded(subject.complete(), "baseline.json"), subject.rows()
        execute(url, *damage)

        outcome = subject.repaired(before, rows)

    assert outcome.word == "healed", f"{outcome}\n{outcome.script}"
