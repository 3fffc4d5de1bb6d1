"""A materialized view that differs while all that it reads is as it was: only where that is certain."""

import psycopg
import pytest

from fixtures.readers import reader
from rollproof.backup.materialized_views import MaterializedViews
from rollproof.catalog.capture import Scope
from rollproof.model.compare import Difference
from rollproof.probes.row_estimates import far_off
from rollproof.sources.live import Live
from rollproof.sources.recorded import Recorded
from rollproof.sources.table_groups import EVERYTHING

SCOPE = Scope(("public", "Odd"), "migration_backup", "public.migration_log")
GROUND = """
    CREATE SCHEMA "Odd"; CREATE SCHEMA elsewhere;
    CREATE TABLE same (a int); INSERT INTO same VALUES (1); CREATE TABLE other (a int); CREATE TABLE elsewhere.unseen (a int);
    CREATE TABLE "Odd"."Same, too" (a int);
    CREATE TABLE parent (a int); CREATE TABLE child () INHERITS (parent);
    CREATE TABLE parted (a int) PARTITION BY LIST (a); CREATE TABLE part PARTITION OF parted FOR VALUES IN (1, 2, 3);
    CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER away FOREIGN DATA WRAPPER nothing;
    CREATE TABLE mixed (a int) PARTITION BY LIST (a); CREATE TABLE near PARTITION OF mixed FOR VALUES IN (1);
    CREATE FOREIGN TABLE far PARTITION OF mixed FOR VALUES IN (2) SERVER away;
    CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM public.other';
    CREATE FUNCTION near(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM public.other)';
    CREATE OPERATOR ~~~ (FUNCTION = near, LEFTARG = int, RIGHTARG = int);
    CREATE VIEW seen AS SELECT a FROM same; CREATE VIEW seen_again AS SELECT a FROM seen WHERE a > 0;
    CREATE VIEW reworded AS SELECT a FROM same WHERE a > 0
"""
STALE = {
    "plain": "SELECT a FROM same",
    "counting": "SELECT count(*) AS n, max(a) AS most FROM same",
    "twice": 'SELECT a FROM same UNION ALL SELECT a FROM "Odd"."Same, too"',
    "through views": "SELECT a FROM seen_again",
    "through another": 'SELECT a FROM "plain"',
    "of a parent": "SELECT a FROM parent",
    "of partitions": "SELECT a FROM parted",
    "of nothing": "SELECT 1 AS a",
}
NOT = {
    "of another": ("SELECT s.a FROM same AS s LEFT JOIN other AS o ON o.a = s.a", "public.other, which it reads, is not"),
    "below": ("SELECT a FROM same WHERE a NOT IN (SELECT a FROM other)", "public.other, which it reads, is not"),
    "unseen": ("SELECT a FROM elsewhere.unseen", "cannot be told"),
    "of a foreign table": ("SELECT a FROM mixed WHERE a = 1", "public.far, which is no table"),
    "calling": ("SELECT counted() AS a FROM same", "relies on function"),
    "comparing": ("SELECT a FROM same WHERE a ~~~ 1", "relies on "),
    "by chance": ("SELECT random() AS a FROM same", "relies on function random()"),
    "of the catalogue": ("SELECT count(*) FROM pg_catalog.pg_class", "relies on table"),
    "of the standard's": ("SELECT count(*) FROM information_schema.tables", "relies on table"),
    "reworded view": ("SELECT a FROM reworded", "the query of public.reworded is not"),
}  # fmt: skip
QUERIES = {**STALE, **{name: query for name, (query, _) in NOT.items()}}
CHANGE = """
    INSERT INTO other VALUES (5); INSERT INTO elsewhere.unseen VALUES (1);
    CREATE OR REPLACE VIEW reworded AS SELECT a FROM same WHERE a > 1
"""


def ground(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(GROUND)
        for name, query in QUERIES.items():
            connection.execute(f'CREATE MATERIALIZED VIEW "{name}" AS {query}')


@pytest.fixture(scope="module")
def told(server):
    """What is said of each view: whether it was only refreshed at another moment, and the words for it."""
    database = "rollproof_materialised"
    server.create(database)
    url = server.dsn(database)
    ground(url)
    with reader(url) as view:
        before = Recorded(Live(view, SCOPE, "the subject").complete(), "the baseline")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(CHANGE)
    with reader(url) as view:
        views = MaterializedViews(before, Live(view, SCOPE, "the subject"))

        def words(name):
            return "\n".join([views.note(name), *(each.sql for each in views.refresh(name))]).strip()

        yield lambda name: (views.only_stale(Difference("content", name, "1", "2")), words(name))
    server.drop(database)


def named(name):
    return f'public."{name}"' if name != name.lower() or " " in name or "'" in name else f"public.{name}"


def test_what_reads_only_what_is_as_it_was_is_only_stale(told):
    found = {name: told(named(name)) for name in STALE}
    right = {name: ("as it was", f"REFRESH MATERIALIZED VIEW {named(name)};") for name in STALE}

    assert {
        name: told for name, told in found.items() if not (told[0] and all(text in told[1] for text in right[name]))
    } == {}


def test_what_reads_anything_else_may_be_damaged(told):
    found = {name: told(named(name)) for name in NOT}
    right = {name: (f"{named(name)} is a materialized view: ", reason) for name, (_, reason, *_) in NOT.items()}

    assert [name for name, (stale, words) in found.items() if stale or "REFRESH" in words] == []
    assert {name: words for name, (_, words) in found.items() if any(text not in words for text in right[name])} == {}


def test_a_table_is_no_view(told):
    assert told("public.same") == (False, "")
    assert told("public.gone") == (False, "")


COUNTED = """
    CREATE TABLE right_ AS SELECT generate_series(1, 1000) AS a; ANALYZE right_;
    CREATE TABLE few AS SELECT 1 AS a; ANALYZE few;
    CREATE TABLE too_few AS SELECT 1 AS a; ANALYZE too_few;
    CREATE TABLE refilled AS SELECT generate_series(1, 1000) AS a; ANALYZE refilled;
    CREATE TABLE too_many AS SELECT generate_series(1, 1000) AS a; ANALYZE too_many;
    CREATE TABLE never AS SELECT generate_series(1, 1000) AS a;
    CREATE TABLE lost AS SELECT generate_series(1, 1000) AS a; ANALYZE lost;
    CREATE TABLE parted (a int) PARTITION BY RANGE (a); CREATE TABLE part PARTITION OF parted DEFAULT;
    INSERT INTO parted SELECT generate_series(1, 1000); ANALYZE parted, part
"""
MISCOUNTED = """
    INSERT INTO right_ SELECT generate_series(1, 900); INSERT INTO few SELECT generate_series(1, 90);
    INSERT INTO too_few SELECT generate_series(1, 1000); DELETE FROM too_many WHERE a > 400;
    TRUNCATE refilled; INSERT INTO refilled SELECT generate_series(1, 1000);
    INSERT INTO never SELECT generate_series(1, 9000); ALTER TABLE lost ALTER a TYPE bigint
"""


def test_the_planners_number_of_rows_is_held_against_what_was_counted(database_from):
    def filled(url):
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in COUNTED.split(";"):
                connection.execute(statement)

    url = database_from(filled)
    with reader(url) as view:
        before = Recorded(Live(view, SCOPE, "the subject").complete(), "the baseline")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(MISCOUNTED)
    with reader(url) as view:
        after = Live(view, SCOPE, "the subject")
        found = far_off(before, after, after.known("rows", EVERYTHING).facts)
        told = {each.subject.removeprefix("public."): (each.expected, each.actual) for each in found}

    assert told == {
        "too_few": ("1,001 rows", "1 rows"),
        "too_many": ("400 rows", "1,000 rows"),
        "refilled": ("1,000 rows", "nothing"),
    }
