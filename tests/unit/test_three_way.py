"""Baseline, copy and database against each other: the odd one out is named."""

import pytest

from rollproof.backup.copies import TABLE, Copy
from rollproof.backup.three_way import alike, disagreement
from rollproof.model.errors import Inconclusive
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.rows.row_hash import ALGORITHM
from rollproof.sources.recorded import Recorded
from rollproof.sources.source import CONTENT

ORIGIN = Origin("shop", "1", 180000, "then", None, "0.2.0")


def said(name, facet, told):
    """Return a side on which the other facets are the same on all sides; nothing told: the table was locked."""
    facts = {each: {"public.scans": f"{ALGORITHM}:{told if each == facet else 0}"} if told else {} for each in CONTENT}
    locked = {each: {} if told else {"public.scans": "it was locked"} for each in CONTENT}
    facts["tables"] = {"public.scans": "table"}
    return Recorded(Snapshot(ORIGIN, facts, locked), name)


@pytest.mark.parametrize(
    ("was", "copied", "now", "says"),
    [
        ("1", "1", "1", None),
        ("1", "2", "1", "the backup is damaged:"),
        ("1", "2", "2", "the damage was done before or during the backup:"),
        ("1", "1", "2", "the restore is damaged: b.scans is as in the reference"),
        ("1", "2", "3", "three different things"),
        ("1", "1", None, Inconclusive),
    ],
)
@pytest.mark.parametrize("facet", CONTENT)
def test_the_odd_one_out_of_three_is_named(facet, was, copied, now, says):
    sides = (("baseline", was), ("backup", copied), ("subject", now))
    before, copies, after = (said(name, facet, told) for name, told in sides)
    copy = Copy("public.scans", "b.scans", TABLE, copies)
    if says is Inconclusive:
        with pytest.raises(Inconclusive, match="it was locked"):
            list(disagreement(copy, alike(copy, before, after)))
    else:
        found = list(disagreement(copy, alike(copy, before, after)))
        assert len(found) == (says is not None)
        assert says is None or says in found[0].sentence
