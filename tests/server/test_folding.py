"""What the planner works out beforehand calls nothing that reads a table, or makes a value, by its name."""

import re
from pathlib import Path

import psycopg
import pytest

from fixtures.readers import SCOPE, execute, reader
from rollproof.catalog.folding import RUNS
from rollproof.catalog.planner import comes_to_the_same
from rollproof.model.definitions import Slot
from rollproof.model.errors import Inconclusive
from rollproof.server.reader import Limits, Target, connect, pinned
from rollproof.sources.live import Live

ROOT = Path(__file__).parents[2]
ASKS = """
SELECT p.proname, pg_get_function_identity_arguments(p.oid)
FROM pg_proc AS p
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset AND p.provolatile <> 'v'
"""
COMPUTING = ROOT / "tests" / "data" / "computing.txt"


def test_each_function_that_the_planner_works_out_was_looked_at(shop):
    """A new one of PostgreSQL's that is given a name, or nothing, may do more than to compute: read what it does."""
    reviewed = {*COMPUTING.read_text("utf-8").split()}
    with psycopg.connect(shop) as connection:
        known = connection.execute(ASKS).fetchall()
    names = {name for name, _ in known}
    asking = {name for name, arguments in known if may_ask(arguments)}

    assert asking - reviewed - RUNS == set()
    assert len(asking & RUNS) >= 14
    assert names & reviewed & RUNS == set()


def may_ask(arguments):
    given = re.sub(r"OUT \w+ [\w ]+(\[\])?", "", arguments)
    if "internal" in given:
        return False  # which no query can call
    return not given.strip(" ,") or bool(
        re.search(r"\b(oid|reg\w+|cstring|name|refcursor|pg_node_tree|text|xml)\b", given)
    )


EVIL = """
CREATE SCHEMA evil;
CREATE FUNCTION evil.run() RETURNS int LANGUAGE plpgsql AS
    $$BEGIN COPY (SELECT 1) TO PROGRAM 'touch MARKER'; RETURN 1; END$$;
CREATE VIEW evil.view AS SELECT evil.run();
CREATE TABLE evil.plain (a text);
INSERT INTO evil.plain SELECT n::text FROM generate_series(1, 100) AS n;
ANALYZE evil.plain;
CREATE VIEW evil.innocent AS SELECT a FROM evil.plain
    WHERE a = table_to_xml(to_regclass('evil.view'), true, true, '')::text
"""


@pytest.mark.promise
@pytest.mark.parametrize(
    ("called", "where"),
    [
        (
            "(pg_catalog.table_to_xml('evil.view'::regclass, true, true, ''))::text",
            "FROM evil.plain AS t WHERE (t.a = {})",
        ),
        ("(t.a)::text", "FROM evil.innocent AS t WHERE (t.a = {})"),
    ],
    ids=["in the text", "in a view that it reads"],
)
def test_no_text_is_planned_that_runs_something_meanwhile(server, new_database, marker, called, where):
    """The planner works out what stays the same within a statement, and a table read by its name may be anybody's view."""
    url = server.dsn(new_database())
    execute(url, EVIL.replace("MARKER", str(marker)))
    text = f"SELECT t.a {where.format(called)}"
    marker.unlink(missing_ok=True)
    connection = connect(Target.parse(url))
    try:
        with pinned(connection, Limits()), pytest.raises(Inconclusive, match="it calls table_to_xml"):
            comes_to_the_same(
                connection, "views", "evil.x", [(Slot("query", text), Slot("query", text.replace("t.a ", "(t.a) ", 1)))]
            )
    finally:
        connection.close()
    assert not marker.exists()


def test_an_index_that_asks_how_another_table_is_partitioned_is_not_planned_over(server, new_database):
    """The one such function that is IMMUTABLE, and so may stand in an index: it runs that table's own hash functions."""
    url = server.dsn(new_database())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            CREATE FUNCTION public.h(int, bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS
                $$BEGIN IF current_setting('application_name') = 'rollproof' THEN RAISE 'I ran'; END IF; RETURN 1; END$$;
            CREATE OPERATOR CLASS public.ops FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 2 public.h(int, bigint);
            CREATE TABLE public.p (a int) PARTITION BY HASH (a public.ops);
            CREATE TABLE public.t (a int);
            CREATE INDEX ON public.t (a) WHERE satisfies_hash_partition('public.p'::regclass, 2, 0, 1)"""
        )
    view = reader(url)
    try:
        why = Live(view, SCOPE, "it").complete().unknown["content"]["public.t"]
    finally:
        view.close()

    assert "I ran" not in why
    assert "satisfies_hash_partition" in why
