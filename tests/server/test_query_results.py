"""What queries answer, digested in the server: each kind of change is seen, and nothing else."""

import pytest

from fixtures.every import every
from fixtures.readers import execute, reader
from rollproof.model.errors import Inconclusive
from rollproof.probes.queries.plans import kept as plans_kept
from rollproof.probes.queries.plans import plans, recorded
from rollproof.probes.queries.results import kept, results
from rollproof.probes.queries.results import recorded as results_recorded
from rollproof.settings.sections import Plan, Query
from rollproof.verdict.result_changes import result_changes

CANARY = "nobody-may-see-this"
GROUND = (
    "CREATE TABLE t (id int PRIMARY KEY, amount numeric, note text)",
    f"INSERT INTO t SELECT n, n, CASE n WHEN 1 THEN '{CANARY}' END FROM generate_series(1, 100) AS n",
    "CREATE VIEW v AS SELECT id, amount FROM t",
)
VALUES = Query("values", "SELECT id, amount, note FROM public.t")
ORDERED = Query("ordered", "SELECT note, id FROM public.v JOIN public.t USING (id) ORDER BY id", ordered=True)


def asked(url, *queries, **options):
    with reader(url) as view:
        return results(view, queries, **options)


@pytest.fixture
def ground(database):
    execute(database, *GROUND)
    return database


@pytest.fixture
def changed(ground):
    """Call it with a query and statements for what is said once they have run."""

    def change(query, *statements):
        was = asked(ground, query)
        execute(ground, *statements)
        return [each.sentence.partition(": ")[2] for each in result_changes(was, asked(ground, query), {})]

    return change


@pytest.mark.parametrize(
    ("query", "statements", "says"),
    [
        (VALUES, ["DELETE FROM t WHERE id > 98"], "2 rows fewer (100 before, 98 now)"),
        (VALUES, ["UPDATE t SET amount = 7.0 WHERE id = 7"], "other values in amount"),
        (VALUES, ["UPDATE t SET note = '' WHERE id = 7"], "other values in note"),
        (VALUES, ["UPDATE t SET amount = 101 - amount"], "the same values, in other rows"),
        (VALUES, ["ALTER TABLE t ALTER id TYPE bigint"], None),
        (ORDERED, ["UPDATE t SET id = -id"], "other values in id"),
        (VALUES, ["CREATE TABLE u AS TABLE t", "TRUNCATE t", "INSERT INTO t SELECT * FROM u ORDER BY id DESC"], ""),
    ],
    ids=str,
)
def test_a_change_is_told(changed, query, statements, says):
    if says is None:  # a view stands in the way of the type
        statements, says = ["DROP VIEW v", *statements], "id is bigint, was integer"
    assert changed(query, *statements) == ([says] if says else [])


def test_the_order_counts_where_it_is_asked_for(ground):
    up, down = (f"SELECT id, note FROM public.t ORDER BY id {way}" for way in ("ASC", "DESC"))
    told = {
        ordered: [
            asked(ground, Query("q", text, ordered=ordered))["q"] for text in (up, down)
        ]
        for ordered in (True, False)
    }  # fmt: skip
    said = {
        ordered: [each.sentence for each in result_changes({"q": was}, {"q": now}, {})]
        for ordered, (was, now) in told.items()
    }

    assert said == {True: ["q answers otherwise: the same rows in another order"], False: []}


def test_another_major_digests_alike(ground, other_major):
    name = "results_of_another_major"
    other_major.create(name)
    try:
        execute(other_major.dsn(name), *GROUND)
        queries = (VALUES, ORDERED, Query("made", "SELECT ARRAY[1.0, NULL], ROW('a', 2)::text, '{\"a\": 1}'::jsonb"))
        assert asked(ground, *queries) == asked(other_major.dsn(name), *queries)
    finally:
        other_major.drop(name)


@pytest.mark.promise
def test_what_is_kept_is_read_again_and_holds_no_value(ground):
    found = asked(ground, VALUES, ORDERED)
    facts = results_recorded(found)

    assert kept(facts) == found
    assert CANARY not in str(facts)


@every(
    ("sql", "varies"),
    [
        ("SELECT pg_catalog.now()", True),
        ("SELECT random()", True),
        ("SELECT 1", False),
        ("SELECT count(*) FROM public.t -- all;", False),
    ],
)
def test_what_answers_differently_each_time_is_known(ground, sql, varies):
    assert asked(ground, Query("q", sql), twice=True)["q"].varies is varies


@every(
    ("sql", "rows", "columns"),
    [
        ("VALUES (1, 'a'), (2, NULL);", 2, ("column1", "column2")),
        ("SELECT id AS a, id AS a FROM public.t", 100, ("a", "a")),
        ("SELECT FROM public.t", 100, ()),
        ("TABLE public.v", 100, ("id", "amount")),
        ("WITH w AS (SELECT 1 AS one) SELECT * FROM w WHERE one = 2", 0, ("one",)),
        ('SELECT 1 AS "50%; --"', 1, ("50%; --",)),
    ],
)
def test_whatever_can_stand_in_from_is_asked(ground, sql, rows, columns):
    found = asked(ground, Query("q", sql))["q"]

    assert (found.rows, tuple(name for name, _ in found.columns)) == (rows, columns)


@pytest.mark.promise
@every(
    ("sql", "says"),
    [
        ("INSERT INTO public.t VALUES (0) RETURNING id", "syntax error"),
        ("SELECT pg_catalog.nextval('public.s')", "cannot execute nextval() in a read-only transaction"),
        ("WITH w AS (DELETE FROM public.t RETURNING id) SELECT * FROM w", "must be at the top level"),
        ("SELECT 1) AS a; DROP TABLE public.t; SELECT (1", "cannot insert multiple commands"),
        ("SELECT * FROM t", 'relation "t" does not exist'),
        ("", "syntax error"),
    ],
)
def test_what_writes_or_is_no_query_is_refused_with_the_way_out(ground, sql, says):
    execute(ground, "CREATE SEQUENCE IF NOT EXISTS s")
    with pytest.raises(Inconclusive) as told:
        asked(ground, Query("q", sql))

    assert str(told.value).startswith("query q: ")
    assert says in str(told.value)
    assert "write tables with their schema" in str(told.value)
    assert asked(ground, VALUES)["values"].rows == 100


@pytest.mark.promise
def test_a_named_plan_runs_if_that_is_asked_for_and_may_not_write(ground):
    wanted = (Plan("q", "SELECT * FROM public.v WHERE id = 7"), Plan("w", "INSERT INTO public.t VALUES (0)"))
    with reader(ground) as view:
        found = plans(view, wanted[:1], analyze=True)
        assert plans(view, wanted)["w"].milliseconds is None
        with pytest.raises(Inconclusive, match=r"plan w: .*cannot execute INSERT in a read-only transaction"):
            plans(view, wanted, analyze=True)

    facts = recorded(found, wanted[:1])
    assert found["q"].pages > 0
    assert plans_kept(facts["plans"], facts["plan_costs"], wanted) == (found, {})
    assert plans_kept(facts["plans"], {}, wanted)[0]["q"].cost is None  # as rollproof 0.2.0 kept them
    other = (Plan("q", "SELECT 1"),)
    assert "another one since" in plans_kept(facts["plans"], facts["plan_costs"], other)[1]["q"]
