"""What of plans and results can be compared with what a baseline holds; the rest is told, and is no good news."""

from types import SimpleNamespace

import pytest

from rollproof.commands.query_plans import key_lookups, named_plans, query_results
from rollproof.model.errors import NotChecked
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.settings.options import Settings
from rollproof.settings.sections import Lookups, Plan, Query
from rollproof.sources.recorded import Recorded

ORIGIN = Origin("shop", "1", 150018, "2026-11-29 22:00:00+00", None, "0.2.0")
SETTINGS = Settings(plans=(Plan("q", "SELECT 1"),), queries=(Query("q", "SELECT 1"),), lookups=Lookups(rows=7))


def opened(**facets):
    """Return what is open where the reference is a baseline with these facets; the database is never asked."""
    return SimpleNamespace(before=Recorded(Snapshot(ORIGIN, {"columns": {}, **facets}), "old.json"))


@pytest.mark.parametrize(
    ("ask", "what"), [(named_plans, "plans"), (key_lookups, "lookups"), (query_results, "query results")]
)
def test_of_an_old_baseline_nothing_is_compared_and_that_is_told(ask, what):
    with pytest.raises(NotChecked, match=f"the reference old.json has no {what} recorded: a baseline has them"):
        ask(opened(), SETTINGS)


def test_where_no_table_was_large_enough_no_look_up_is_compared():
    with pytest.raises(NotChecked, match="no table of the reference had a key and 7 rows"):
        key_lookups(opened(lookups={}), SETTINGS)
