"""A state read in one session tells what a snapshot tells; and each change is told, with the session kept over all of them."""

import datetime

import psycopg
import pytest

from fixtures.readers import complete
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import facets
from rollproof.rehearsal.state import LARGE_OBJECTS, WITHOUT, States
from rollproof.settings.options import Settings
from rollproof.settings.waiver import Waiver

GROUND = """
CREATE TABLE t (id integer PRIMARY KEY, name text, state text DEFAULT 'new');
INSERT INTO t SELECT n, 'n' || n FROM generate_series(1, 50) AS n;
CREATE TABLE child (id integer PRIMARY KEY, t_id integer REFERENCES t ON DELETE CASCADE);
CREATE SEQUENCE s;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM t;
CREATE TABLE migration_log (at timestamptz);
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('a1');
CREATE TABLE knex_migrations (id integer PRIMARY KEY, name text, batch integer, migration_time timestamptz);
INSERT INTO knex_migrations VALUES (1, '1.js', 1, now());
CREATE TABLE django_content_type (id integer PRIMARY KEY, app_label text, model text);
INSERT INTO django_content_type VALUES (1, 'shop', 'order');
"""
CHANGES = {
    "UPDATE t SET name = 'x' WHERE id = 7": {("content", "public.t")},
    "UPDATE t SET name = CASE id WHEN 1 THEN 'n2' ELSE 'n1' END WHERE id < 3": {("content", "public.t")},
    "DELETE FROM t WHERE id = 50": {("rows", "public.t"), ("content", "public.t")},
    "REFRESH MATERIALIZED VIEW counted": set(),
    "ALTER TABLE t ALTER name TYPE varchar(99)": {("columns", "public.t.name")},
    "COMMENT ON COLUMN t.name IS 'c'": {("comments", "public.t.name (table column)")},
    "ALTER TABLE t DISABLE TRIGGER ALL": None,
    "SELECT setval('s', 1, false)": {("sequence_positions", "public.s")},
    "UPDATE alembic_version SET version_num = 'a2'": {("content", "public.alembic_version")},
    "UPDATE knex_migrations SET name = '2.js'": {("content", "public.knex_migrations")},
    "INSERT INTO django_content_type VALUES (2, 'shop', 'item')": set(),
    "UPDATE django_content_type SET model = 'x' WHERE id = 1; INSERT INTO django_content_type VALUES (3, 'shop', 'y')": {
        ("rows", "public.django_content_type"),
        ("content", "public.django_content_type"),
    },
    "DELETE FROM alembic_version": {("rows", "public.alembic_version"), ("content", "public.alembic_version")},
    "CREATE ROLE rollproof_left": {("roles", "rollproof_left")},
    "DROP ROLE rollproof_left": {("roles", "rollproof_left")},
    "SELECT lo_from_bytea(4242, 'hello')": None,
    "SELECT lo_put(4242, 4, 'O')": {("content", LARGE_OBJECTS)},
    "SELECT lo_unlink(4242); SELECT lo_from_bytea(4343, 'hellO')": set(),
    "SELECT lo_unlink(4343)": None,
    "ANALYZE": set(),
    "INSERT INTO migration_log VALUES (now())": set(),
    "VACUUM FULL t": set(),
    "INSERT INTO alembic_version VALUES ('a1')": {
        ("rows", "public.alembic_version"),
        ("content", "public.alembic_version"),
    },
    "DELETE FROM alembic_version; INSERT INTO alembic_version VALUES ('a1')": set(),
    "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)": set(),
}
"""What is done to the database → the findings: (check, subject), or None for some of them."""


def test_a_state_tells_what_a_snapshot_tells(server, museum):
    url = server.dsn(museum)
    snapshot, state = complete(url), States(Settings()).taken(url)

    left_out = {facet for facet, row in facets().items() if row.late or row.holds == "recordings"} | WITHOUT | {DUMP}
    assert state.recorded.snapshot.facets == {
        facet: facts for facet, facts in snapshot.facets.items() if facet not in left_out
    }
    assert not snapshot.unknown


def test_each_change_is_told_by_a_session_that_is_kept(database):
    states = States(Settings(), keeps_session=True, whole_server=True)
    with psycopg.connect(database, autocommit=True) as writer:
        writer.execute(GROUND)
        writer.execute("SELECT setval('s', 10)")
        for change, wanted in CHANGES.items():
            before = states.taken(database)
            for statement in change.split("; "):
                writer.execute(statement)
            found = {(each.check, each.subject) for each in states.findings(before, states.taken(database))}
            assert found == wanted if wanted is not None else found, change
        assert writer.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rollproof' AND xact_start IS NOT NULL"
        ).fetchone() == (0,)
    states.let_go()


def test_what_is_accepted_is_no_finding(database):
    waiver = Waiver("content", "public.t", "for a test", datetime.date.max)
    states = States(Settings(waiver=(waiver,)))
    with psycopg.connect(database, autocommit=True) as writer:
        writer.execute(GROUND)
        before = states.taken(database)
        writer.execute("UPDATE t SET name = 'x' WHERE id = 7")
    assert states.findings(before, states.taken(database)) == ()


def test_a_session_that_was_ended_is_begun_again(server, new_database, database):
    states = States(Settings(), keeps_session=True)
    with psycopg.connect(database, autocommit=True) as writer:
        writer.execute(GROUND)
    before = states.taken(database)
    new_database(database.rpartition("/")[2].partition("?")[0])  # a copy ends all sessions of what it copies

    assert states.findings(before, states.taken(database)) == ()
    server.drop(database.rpartition("/")[2].partition("?")[0])
    with pytest.raises(Inconclusive, match="does not exist"):
        states.taken(database)
    states.let_go()
