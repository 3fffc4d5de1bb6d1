"""What a user's own check sees of a side: facts by their names, and what becomes of a name that is not there."""

import pytest

from fixtures.every import every
from rollproof.model.errors import Inconclusive, NotChecked
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.sources.moment import Gone, Moment, Unheard, differing
from rollproof.sources.recorded import Recorded

ORIGIN = Origin(database="shop", system="1", server_version=180006, taken="then", schemas=None, tool="0.3.0")
TABLES = {"public.orders": "table", "public.users": "table", "public.parts": "partitioned table"}
ROWS = {"public.orders": "3", "public.users": "7"}


def side(facets, unknown=None, absent=None):
    return Recorded(Snapshot(ORIGIN, {"tables": TABLES, **facets}, unknown or {}, absent or {}), "baseline.json")


WAS = side({"rows": ROWS, "columns": {"public.users.email": "text", "public.users.id": "uuid"}})
NOW = side({"rows": {"public.orders": "2"}, "columns": {"public.users.id": "uuid"}})
before, after = Moment(WAS), Moment(NOW, WAS)


def test_facts_and_numbers_are_had_by_their_names():
    assert before.name == "baseline.json"
    assert before.tables == ("public.orders", "public.parts", "public.users")
    assert before.facts("columns")["public.users.email"] == "text"
    assert dict(after.facts("columns")) == {"public.users.id": "uuid"}
    assert after.facts("columns") != before.facts("columns")
    assert (before.row_count("public.users"), after.row_count("public.orders")) == (7, 2)


def test_what_was_there_and_is_gone_fails_the_check_that_asks_for_it():
    with pytest.raises(Gone, match=r"public\.users\.email is missing\n  before  text"):
        after.facts("columns")["public.users.email"]
    with pytest.raises(AssertionError, match=r"public\.users is missing"):
        after.row_count("public.users")
    assert "public.users.email" not in after.facts("columns")
    assert after.facts("columns").get("public.users.email") is None


@every(
    ("ask", "told"),
    [
        (lambda: before.facts("colums"), "no facet colums; did you mean `columns`"),
        (lambda: before.facts("zzz"), "no facet zzz; the facets are: access_methods, "),
        (lambda: before.row_count("public.user"), "no public.user among the rows of .*; did you mean `public.users`"),
        (lambda: after.row_count("public.parts"), "public.parts has no rows of its own"),
        (lambda: after.facts("columns")["public.users.ids"], "did you mean `public.users.id`"),
        (lambda: before.facts("columns")["nothing"], "there is no nothing among the columns of baseline.json"),
    ],
)
def test_a_name_that_nobody_knows_is_told_with_the_nearest(ask, told):
    with pytest.raises(Unheard, match=told) as error:
        ask()
    assert not isinstance(error.value, AssertionError), "it is the check that is wrong"


def test_what_could_not_be_read_is_inconclusive_for_who_looks_at_it_alone():
    locked = Moment(
        side({"rows": {"public.users": "7"}}, {"rows": {"public.orders": "another session holds a lock"}}), WAS
    )

    assert locked.row_count("public.users") == 7
    for ask in (lambda: locked.row_count("public.orders"), lambda: dict(locked.facts("rows"))):
        with pytest.raises(Inconclusive, match=r"rows: public\.orders in baseline\.json: another session holds a lock"):
            ask()
    with pytest.raises(Inconclusive):
        assert locked.facts("rows") == before.facts("rows")


def test_a_facet_that_this_side_never_has_is_not_checked_and_one_that_it_should_have_is_inconclusive():
    without = side({"rows": ROWS}, absent={"columns": "no right"})

    with pytest.raises(NotChecked, match=r"columns cannot be read in baseline\.json: no right"):
        Moment(without).facts("columns")
    with pytest.raises(Inconclusive):
        Moment(without, WAS).facts("columns")


def test_two_facets_that_are_not_the_same_say_where():
    assert differing(after.facts("columns"), before.facts("columns")) == [
        "public.users.email: not there in baseline.json, text in baseline.json"
    ]
