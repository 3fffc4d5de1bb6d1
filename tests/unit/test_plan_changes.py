"""What it means that a plan is another: each sentence, and what is no alarm."""

import pytest

from fixtures.every import every
from rollproof.model.failure import Undecided
from rollproof.model.query_plan import QueryPlan
from rollproof.verdict.plan_changes import Majors, PlanPair, Plans, lookup_changes, plan_changes

SAME, OTHER = Majors(18, 18), Majors(15, 18)
INDEX = QueryPlan("Index Scan, Relation Name t, Index Name t_pkey", 8.0)
BITMAP = QueryPlan("Bitmap Heap Scan, Relation Name t\n  Bitmap Index Scan, Index Name t_pkey", 9.0)
ANOTHER = QueryPlan("Index Scan, Relation Name t, Index Name t_a_idx", 9.0)
WHOLE = QueryPlan("Seq Scan, Relation Name t", 900.0)
READ = "to look up a row of public.t (id) the server reads all of t (cost 900, was 8): "


def lookups(was, now, majors=SAME, *, has_index=True, unanalysed=(), **unknown):
    pair = PlanPair("public.t (id)", was, now, has_index, "public.t")
    return lookup_changes(Plans((pair,), majors, unknown), unanalysed)


@every(
    ("given", "sentence", "heals"),
    {
        "no index": ({"has_index": False}, "no index can find a row by that any more", False),
        "no index, and nobody looked": (
            {"has_index": False, "unanalysed": {"public.t"}},
            "no index can find a row by that any more",
            False,
        ),
        "no index, on another major": (
            {"has_index": False, "majors": OTHER},
            "no index can find a row by that any more",
            False,
        ),
        "an index": ({}, "an index is there, and the planner does not choose it", False),
        "an index, and not so dear": (
            {"now": QueryPlan(WHOLE.shape, 79.0)},
            "an index is there, and the planner does not choose it",
            True,
        ),
        "nobody looked": (
            {"unanalysed": {"public.t"}},
            "an index is there, but the planner knows too little: ANALYZE public.t; and ask again",
            True,
        ),
        "another major": (
            {"majors": OTHER},
            "an index is there, and PostgreSQL 18 does not choose it as 15 did",
            True,
        ),
    }.values(),
)
def test_a_table_that_is_read_whole_is_told_with_the_reason(given, sentence, heals):
    (found,) = lookups(INDEX, **{"now": WHOLE} | given)

    assert (found.sentence.replace("79", "900"), found.heals) == (READ + sentence, heals)
    assert (found.expected, found.actual) == (INDEX.shape, WHOLE.shape)


@every(
    ("was", "now"),
    {
        "as it was": (INDEX, INDEX),
        "another way to use it": (INDEX, BITMAP),
        "another index": (INDEX, ANOTHER),
        "never had one": (WHOLE, WHOLE),
        "gained one": (WHOLE, INDEX),
        "a table that is small now": (INDEX, QueryPlan(WHOLE.shape, 2.0)),
        "about as dear": (BITMAP, QueryPlan(WHOLE.shape, 17.9)),
    }.values(),
)
def test_what_is_as_fast_is_no_alarm(was, now):
    assert [*lookups(was, now)] == []


def test_without_a_recorded_cost_a_table_that_is_read_whole_is_told_all_the_same():
    (found,) = lookups(QueryPlan(INDEX.shape), WHOLE, has_index=False)

    assert "the server reads all of t: no index" in found.sentence


def test_what_costs_ten_times_as_much_warns_and_names_the_settings():
    now = QueryPlan(INDEX.shape, 81.0, settings={"random_page_cost": "40"})
    (found,) = lookups(INDEX, now)

    assert found.heals
    assert found.sentence == "public.t (id) costs 81, which was 8; random_page_cost is 40, was the default"
    assert [*lookups(INDEX, QueryPlan(INDEX.shape, 80.0))] == []


def test_what_the_planner_expects_of_a_table_that_nobody_analysed_is_no_alarm():
    assert [*lookups(INDEX, QueryPlan(INDEX.shape, 8000.0), unanalysed={"public.t"})] == []


@every(("was", "now", "warns"), [(10.0, 61.0, True), (10.0, 59.0, False), (20.0, 99.0, False), (0.1, 49.0, False)])
def test_what_takes_five_times_as_long_and_fifty_milliseconds_more_warns(was, now, warns):
    ran = (QueryPlan(INDEX.shape, 8.0, each, 10) for each in (was, now))
    told = [each.sentence for each in lookups(*ran)]

    said = f"public.t (id) took {now:.0f} ms and read 10 pages, which was {was:.0f} ms and read 10 pages"
    assert told == ([said] if warns else [])


def test_what_could_not_be_asked_is_open_behind_what_was_found():
    found = lookups(INDEX, WHOLE, **{"public.u (id)": "permission denied"})

    assert next(found).subject == "public.t (id)"
    with pytest.raises(Undecided) as told:
        next(found)
    assert [(each.subject, each.reason) for each in told.value.unknown] == [("public.u (id)", "permission denied")]


def named(was, now, majors=SAME):
    return plan_changes(Plans((PlanPair("q", was, now),), majors))


def test_a_named_query_with_another_plan_fails_and_on_another_major_is_open():
    (found,) = named(INDEX, ANOTHER)

    assert (found.check, found.subject, found.heals) == ("plans", "q", False)
    assert [*named(INDEX, BITMAP)] == []
    with pytest.raises(Undecided, match="the reference is of PostgreSQL 15 and the database of 18"):
        list(named(INDEX, ANOTHER, OTHER))


def test_another_plan_over_a_table_that_nobody_analysed_warns():
    pair = PlanPair("q", INDEX, WHOLE)
    (found,) = plan_changes(Plans((pair,), SAME), {'public."t"', "public.u"})
    (certain,) = plan_changes(Plans((pair,), SAME), {"public.u"})

    assert found.heals
    assert found.sentence.endswith('the planner knows too little: ANALYZE public."t"; and ask again')
    assert not certain.heals


def test_a_named_query_that_costs_more_warns():
    (found,) = named(INDEX, QueryPlan(BITMAP.shape, 800.0))

    assert (found.sentence, found.heals) == ("q costs 800, which was 8", True)


def test_a_baseline_without_costs_says_nothing_of_them():
    assert [*named(QueryPlan(INDEX.shape), QueryPlan(INDEX.shape, 8.0, settings={"enable_seqscan": "off"}))] == []
