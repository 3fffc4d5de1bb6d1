"""What PostgreSQL would run only to plan a query is recognised beforehand, and what it would not run is read."""

import re

import pytest

from fixtures.readers import SCOPE, execute, reader
from fixtures.users_code import FUNCTIONS
from rollproof.model.errors import Inconclusive
from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations
from rollproof.sources.live import Live

# Expressions of a text v and a mood m, and whether PostgreSQL's planner leaves their calls alone.
EXPRESSIONS = {
    "ran('a')": False,
    "ran(v)": True,
    "ran(lower(v))": True,
    "ran(v || 'a')": True,
    'ran(v COLLATE "C")': True,
    "ran(v::varchar(9))": True,
    "strict(v || NULL)": False,
    "ran(v || NULL)": False,
    "ran(lower(NULL))": False,
    "ran(coalesce('a', v))": False,
    "ran(coalesce(v, ''))": True,
    "ran(coalesce(lower(v), 'a'))": True,
    "ran(CASE WHEN true THEN 'a' ELSE v END)": False,
    "coalesce(ran(v), 'a')": True,
    "ran(forgetful(v))": False,
    "plain(v)": True,
    "plain(ran('a'))": False,
    "hidden(v)": False,
    "settled(v)": True,
    "settled('a')": False,
    "atomic(v)": False,
    "easy(v)": True,
    "longer(v)": False,
    "(v <<< 'a')": True,
    "(v >>> 'a')": True,
    "('b' >>> 'a')": False,
    "(ARRAY[v, ran('a')])[1]": False,
    "nullif(v, ran('a'))": False,
    "(m = 'glad')": True,
    "greatest(v, ran('a'))": False,
}


def said_of(contents, table):
    """Return why a table's rows are not known; None if they are."""
    try:
        contents.of(table)
    except Inconclusive as error:
        return str(error)
    return None


@pytest.mark.promise
def test_what_the_planner_would_run_is_not_read_and_what_it_would_not_is(trace, database):
    execute(database, FUNCTIONS)
    for number, expression in enumerate(EXPRESSIONS):
        execute(database, f"CREATE TABLE t{number} (v text, m mood); CREATE INDEX ON t{number} (({expression}))")
    trace.ran()
    with reader(database) as view:
        contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
        told = {expression: said_of(contents, f"public.t{number}") for number, expression in enumerate(EXPRESSIONS)}

    refusal = re.compile(
        r"t\d+ is not read: .* which (is|are) not PostgreSQL's own \(index public.t\d+_\w+\); --trust-functions"
    )
    assert [text for text in told.values() if text is not None and not refusal.search(text)] == []
    assert {expression: text is None for expression, text in told.items()} == EXPRESSIONS
    assert trace.ran() == set()
    for number, (expression, harmless) in enumerate(EXPRESSIONS.items()):
        execute(database, f"SELECT FROM t{number}")
        assert not (trace.ran() and harmless), expression


@pytest.mark.promise
def test_whoever_trusts_functions_reads_all_and_is_told_what_may_have_run(trace, database):
    execute(database, FUNCTIONS, "CREATE TABLE t (v text); CREATE INDEX by_it ON t ((v || ran('index')))")
    trace.ran()
    with reader(database, trust_functions=True) as view:
        whole = Live(view, SCOPE, "it").complete()
        notes = view.notes

    assert whole.unknown == {}
    assert "index" in trace.ran()
    assert any("--trust-functions" in note and "ran(text)" in note and "by_it" in note for note in notes)


UNNAMED = """
CREATE FUNCTION bare(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN lower(v); END $$;
CREATE FUNCTION calls(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT public.bare($1) $$;
CREATE TABLE people (name text);
CREATE INDEX ON people (calls(name));
CREATE OR REPLACE FUNCTION calls(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT bare($1) $$;
"""


def test_a_function_that_names_no_schema_is_told_with_the_way_out(database):
    """PostgreSQL cannot plan a query over such a table while nobody's schema is in the search_path, and ours is empty."""
    execute(database, UNNAMED)
    with reader(database, trust_functions=True) as view:
        contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
        told = said_of(contents, "public.people")
        execute(database, "ALTER FUNCTION calls(text) SET search_path = public")
        mended = said_of(Scanner(view, view.ask(lambda connection: relations(connection, ["public"]))), "public.people")

    assert "bare(text) does not exist" in told
    assert "ALTER FUNCTION … SET search_path = …" in told
    assert mended is None
