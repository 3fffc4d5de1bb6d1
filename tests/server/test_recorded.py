"""What a baseline keeps beside the facts, and that a baseline is never lost."""

import psycopg
import pytest

from fixtures.readers import reader
from rollproof.catalog.capture import Scope
from rollproof.model.errors import Inconclusive
from rollproof.probes.preflight import unconvertible
from rollproof.probes.queries.plans import plans
from rollproof.probes.recorded import require_whole, take_baseline
from rollproof.settings.endpoint import Endpoint
from rollproof.settings.options import Settings
from rollproof.settings.sections import Plan
from rollproof.sources.live import Live

HEX = "0eebc999c0b4ef8bb6d6bb9bd380a11"


@pytest.fixture
def view(database):
    view = reader(database)
    yield view
    view.close()


def test_a_plan_is_told_without_its_values_and_no_query_is_run(view):
    sql = "SELECT FROM pg_catalog.pg_class WHERE oid = 4711 AND pg_catalog.pg_sleep(100) IS NULL"

    assert plans(view, [Plan("one", sql)])["one"].shape.startswith("Index")
    assert "4711" not in plans(view, [Plan("one", sql)])["one"].shape
    with pytest.raises(Inconclusive, match="plan two"):
        plans(view, [Plan("two", "SELECT 1; SELECT 2")])


def test_a_baseline_has_the_plans_and_says_which_answers_it_has_not(view):
    asked = Settings(plans=(Plan("one", "SELECT 1"),), endpoints=(Endpoint("health", "http://127.0.0.1:1/health"),))

    whole = take_baseline(Live(view, Scope(None, "migration_backup", "public.migration_log"), "it"), asked, {})

    assert whole.facets["plans"] == {"one": "Result"}
    assert "endpoint_answers" not in whole.facets
    with pytest.raises(Inconclusive, match=r"- endpoint_answers: .*health"):
        require_whole(whole)


def test_a_baseline_has_no_recordings_where_none_were_asked_for(view):
    whole = take_baseline(Live(view, Scope(None, "migration_backup", "public.migration_log"), "it"), Settings(), {})

    assert {"plans", "query_results", "endpoint_answers"}.isdisjoint({*whole.facets, *whole.unknown})


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("('{A0EEBC99-9C0B4EF8-BB6D6BB9BD380A11}'), (NULL)", None),
        ("('a0eebc999c0b4ef8bb6d6bb9bd380a11'), ('none')",
         'public.things."k %s" holds values that cannot become uuid, in the row none'),
        (f"('a{HEX}'), ('A{HEX}')", f'different values of public.things."k %s" would become the same uuid: A{HEX}'),
    ],
)  # fmt: skip
def test_values_that_cannot_become_what_they_shall_are_named_by_their_keys(database, values, found):
    column = '"k %s"'
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f'CREATE TABLE things AS SELECT column1 AS "k %s" FROM (VALUES {values}) AS v'.encode())
    with reader(database) as view:
        told = view.ask(lambda it: list(unconvertible(it, "public.things", column, "uuid", (column,), "text")))

    assert [each.sentence for each in told] == ([found] if found else [])
