"""What stands in the place of an ordinary table, or takes it while we wait, runs nothing."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest

from fixtures.readers import execute, reader
from fixtures.users_code import FUNCTIONS
from rollproof.migration.backup_age import completed
from rollproof.migration.log import read
from rollproof.migration.log_table import source
from rollproof.model.errors import Inconclusive
from rollproof.probes.foreign_keys import Orphans, Relationship
from rollproof.rows.scan import scan
from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations
from rollproof.server.transactions import restricts
from rollproof.settings.sections import Log
from rollproof.sources.table_groups import EVERYTHING

LOGS = {
    "view": "CREATE VIEW migration_log AS SELECT {columns}",
    "materialized view": "CREATE MATERIALIZED VIEW migration_log AS SELECT {columns}",
    "partitioned table": "CREATE TABLE migration_log (migration text) PARTITION BY LIST (migration)",
    "sequence": "CREATE SEQUENCE migration_log",
}


@pytest.mark.promise
@pytest.mark.parametrize("kind", LOGS)
def test_a_log_that_is_no_ordinary_table_is_named_for_what_it_is(kind, trace, database):
    columns = "ran('log') AS migration, 'x' AS operation, 'y' AS status, now() AS started_at, now() AS finished_at"
    execute(database, FUNCTIONS, LOGS[kind].format(columns=columns))
    trace.ran()
    with reader(database) as view, pytest.raises(Inconclusive) as refused:
        view.ask(lambda connection: read(connection, Log()), reads=[source(Log().table)])

    assert f"public.migration_log is a {kind}" in str(refused.value)
    assert trace.ran() == set()


WORDS = """
CREATE TYPE state AS ENUM ('completed', 'failed');
CREATE FUNCTION said(state) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast'; RETURN 'completed'; END $$;
CREATE CAST (state AS text) WITH FUNCTION said(state) AS ASSIGNMENT;
CREATE FUNCTION as_json(state) RETURNS json LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN json'; RETURN '"completed"'; END $$;
CREATE CAST (state AS json) WITH FUNCTION as_json(state);
CREATE TABLE migration_log (migration text, operation text, status state, started_at timestamptz, finished_at timestamptz);
INSERT INTO migration_log VALUES
('m', 'migrate', 'completed', '2026-01-01', '2026-01-02'),
('m', 'rollback', 'failed', '2026-01-03', '2026-01-04');
"""


@pytest.mark.promise
def test_the_logs_words_of_a_users_type_are_read_by_their_labels(trace, database):
    execute(database, WORDS)
    trace.ran()
    with reader(database) as view:
        story = view.ask(lambda connection: read(connection, Log()), reads=[source(Log().table)])
        steps = completed(view, Log())

    assert [entry.status for entry in story.entries] == ["completed", "failed"]
    assert [step.name for step in steps] == ["migrate"]
    assert trace.ran() == set()


SWAPS = {
    "a view": "ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT ran('swap') AS v FROM u",
    "a table": "ALTER TABLE t RENAME TO u; CREATE TABLE t AS SELECT 'other' AS v",
    "a table with an index": """ALTER TABLE t RENAME TO u; CREATE TABLE t (v text);
        CREATE INDEX ON t ((v || ran('swap')))""",
    "itself with an index": "CREATE INDEX ON t ((v || ran('swap')))",
    "itself with statistics": "CREATE STATISTICS s ON (v || ran('swap')), (v || 'a') FROM t",
    "a view of its own number": """DELETE FROM t;
        CREATE RULE "_RETURN" AS ON SELECT TO t DO INSTEAD SELECT ran('swap') AS v""",
}


def until_it_rests(url):
    """Return when our sessions have just given the lock up, and will look again before they ask for it; or after a while."""
    resting = """SELECT bool_and(state = 'idle' OR xact_start < clock_timestamp() - interval '0.4 s') AND
        max(state_change) FILTER (WHERE state = 'idle') > clock_timestamp() - interval '0.1 s'
        FROM pg_stat_activity WHERE application_name = 'rollproof' AND datname = current_database()"""
    end = time.monotonic() + 3
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < end and connection.execute(resting).fetchone() != (True,):
            time.sleep(0.01)


@pytest.mark.promise
@pytest.mark.parametrize("swap", SWAPS)
def test_what_takes_a_tables_place_while_its_scan_waits_runs_nothing(swap, trace, database):
    """Its owner locks it until it was looked at and its scan waits; then something else stands there."""
    execute(database, FUNCTIONS, "CREATE TABLE t (v text); INSERT INTO t VALUES ('a')", "ANALYZE t")
    with reader(database, lock_timeout=20) as view, ThreadPoolExecutor(1) as executor:
        contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
        with psycopg.connect(database) as owner:
            owner.execute("LOCK TABLE t")
            waiting = executor.submit(contents.of, "public.t")
            time.sleep(0.5)
            assert not waiting.done()
            try:
                owner.execute(SWAPS[swap])
            except psycopg.errors.WrongObjectType:
                pytest.skip("a table cannot be made a view in this version")
            trace.ran()
            until_it_rests(database)
            owner.commit()
        with pytest.raises(Inconclusive):
            waiting.result(timeout=30)

    assert trace.ran() == set()


KEYS = """
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE FUNCTION number(mood) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast'; RETURN 1; END $$;
CREATE CAST (mood AS int) WITH FUNCTION number(mood) AS IMPLICIT;
CREATE TABLE parents (id int PRIMARY KEY, mood mood UNIQUE);
CREATE TABLE children (mood mood, id int);
INSERT INTO parents VALUES (1, 'glad');
INSERT INTO children VALUES ('glad', 1), ('sad', 2), (NULL, NULL);
CREATE FUNCTION same(mood, mood) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN true; END $$;
CREATE OPERATOR = (LEFTARG = mood, RIGHTARG = mood, FUNCTION = same);
"""


@pytest.mark.promise
def test_keys_are_followed_by_no_cast_and_no_operator_of_a_users(trace, database):
    execute(database, KEYS)
    trace.ran()
    keys = {
        "cast": Relationship("public.children", ("mood",), "public.parents", ("id",)),
        "enum": Relationship("public.children", ("mood",), "public.parents", ("mood",)),
        "plain": Relationship("public.children", ("id",), "public.parents", ("id",)),
    }
    with reader(database) as view:
        found = {}
        for name, key in keys.items():
            try:
                found[name] = [finding.actual for finding in Orphans(view, {name: key}).of(EVERYTHING)]
            except Inconclusive as error:
                found[name] = str(error)

    assert found["enum"] == ["1 row without a parent row: sad"]
    assert found["plain"] == ["1 row without a parent row: 2"]
    assert "public.children.mood" in found["cast"]
    assert "number(public.mood)" in found["cast"]
    assert trace.ran() == set()


def test_the_server_itself_refuses_a_view_whatever_was_looked_at(trace, database):
    execute(database, FUNCTIONS, "CREATE VIEW t AS SELECT ran('view') AS v")
    trace.ran()
    with reader(database) as view:
        if not view.ask(restricts):
            pytest.skip("this minor version has no such setting")
        with pytest.raises(Inconclusive, match='non-system view "t" is restricted'):
            view.ask(lambda connection: connection.execute(b"SELECT FROM public.t").fetchall())

    assert trace.ran() == set()


@pytest.mark.parametrize("rows", ["", "INSERT INTO u VALUES ('a')"], ids=["none", "one"])
def test_no_row_of_another_table_is_taken_for_the_listed_ones(rows, database):
    execute(database, "CREATE TABLE t (v text); CREATE TABLE u (v text)", rows or "SELECT")
    with reader(database) as view:
        found = view.ask(lambda connection: relations(connection, ["public"]))
        strange = replace(found["public.u"], oid=found["public.t"].oid)
        with pytest.raises(Inconclusive, match=r"public\.u was rewritten, replaced or renamed"):
            view.ask(lambda connection: scan(connection, strange))
