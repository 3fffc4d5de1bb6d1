"""What a migration leaves behind, object by object, and how to be rid of it."""

import datetime
from pathlib import Path

import psycopg
import pytest

from fixtures.readers import SCOPE, reader
from rollproof.catalog.capture import Scope
from rollproof.catalog.queries import SQL
from rollproof.model.compare import compare
from rollproof.model.facets import facets_where
from rollproof.probes.leftovers import leftovers, owners_of_sequences
from rollproof.sources.live import Live
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.waivers import Waiver, Waivers

BASE = Path(__file__).parents[1] / "data" / "mutations" / "base.sql"
LATE = facets_where(lambda row: row.late)  # asked for when they are needed: by then definitions have changed
TODAY = datetime.date(2026, 11, 24)
EXPECTED = """
CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.users_backup AS TABLE users;
CREATE TABLE migration_log (id serial PRIMARY KEY, migration text); CREATE INDEX migration_log_by ON migration_log (migration);
"""
LEFT = {
    "CREATE SCHEMA work": "work (schema)",
    "CREATE TABLE work.steps (id serial PRIMARY KEY, parent int REFERENCES work.steps)": "work.steps (table)",
    "CREATE TABLE a_map (id int REFERENCES work.steps, old text, new uuid UNIQUE)": "public.a_map (table)",
    'CREATE TABLE "B map" (id int PRIMARY KEY)': 'public."B map" (table)',
    'ALTER TABLE a_map ADD FOREIGN KEY (id) REFERENCES "B map"': None,
    "CREATE VIEW v_first AS SELECT * FROM a_map": "public.v_first (view)",
    "CREATE VIEW a_second AS SELECT * FROM v_first": "public.a_second (view)",
    "CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one": "public.kept (materialized view)",
    "ALTER TABLE users ADD new_id uuid": "public.users.new_id (column)",
    "ALTER TABLE users ADD number serial": "public.users.number (column)",
    "CREATE INDEX users_new_id ON users (new_id)": "public.users.users_new_id (index)",
    "ALTER TABLE users ADD CONSTRAINT users_new UNIQUE (new_id)": "public.users.users_new (constraint)",
    "CREATE TRIGGER sync AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()": "public.users.sync (trigger)",
    "CREATE TRIGGER log_sync AFTER UPDATE ON app.log FOR EACH ROW EXECUTE FUNCTION touch()": "app.log.log_sync (trigger)",
    "CREATE POLICY half ON orders USING (true)": "public.orders.half (policy)",
    "CREATE RULE silent AS ON DELETE TO app.things DO INSTEAD NOTHING": "app.things.silent (rule)",
    "CREATE STATISTICS more ON email, name FROM users": "public.users.more (statistics)",
    "CREATE SEQUENCE spare_new": "public.spare_new (sequence)",
    "CREATE FUNCTION to_uuid(text) RETURNS uuid LANGUAGE sql AS 'SELECT $1::uuid'": "public.to_uuid(text) (function)",
    "CREATE PROCEDURE go(int) LANGUAGE sql AS 'SELECT 1'": "public.go(integer) (procedure)",
    "CREATE AGGREGATE top(int) (SFUNC = int4larger, STYPE = int)": "public.top(integer) (aggregate)",
    "CREATE TYPE step AS ENUM ('a')": "public.step (type)",
    "CREATE DOMAIN key AS text": "public.key (domain)",
    "CREATE OPERATOR FAMILY odd USING hash": "public.odd USING hash (operator family)",
    "CREATE CAST (text AS pair) WITH INOUT": "(text AS public.pair) (cast)",
    'CREATE COLLATION c_new FROM "C"': "public.c_new (collation)",
    "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple)": "public.d (text search dictionary)",
    "CREATE SERVER beyond FOREIGN DATA WRAPPER far": "beyond (server)",
    "CREATE USER MAPPING FOR PUBLIC SERVER beyond": "PUBLIC ON beyond (user mapping)",
    "CREATE FOREIGN TABLE there (id int) SERVER beyond": "public.there (foreign table)",
    "CREATE PUBLICATION changes FOR TABLE users": "changes (publication)",
    "CREATE SUBSCRIPTION copies CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE)":
        "copies (subscription)",
    "CREATE EVENT TRIGGER ddl ON ddl_command_end EXECUTE FUNCTION touch_ddl()": "ddl (event trigger)",
    "SELECT pg_create_physical_replication_slot('rollproof_left')": "rollproof_left (slot)",
    "CREATE ROLE rollproof_left": "rollproof_left (role)",
    "GRANT pg_monitor TO rollproof_left; GRANT SELECT ON a_map TO rollproof_left; ALTER ROLE rollproof_left SET work_mem = '1MB'":
        None,
}  # fmt: skip
"""What is done after the capture, and what is told of it."""


@pytest.fixture(scope="module")
def told(server):
    """The base database, before and after all of `LEFT`, and a way to ask it again."""
    name, views = "rollproof_leftovers", []
    server.create(name)

    def live(scope=SCOPE):
        views.append(reader(server.dsn(name)))
        return Live(views[-1], scope, "the subject")

    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(BASE.read_text("utf-8"))
        before = live()
        for statement in [EXPECTED, *LEFT]:
            connection.execute(statement)
        yield connection, before, live
        for view in views:
            view.close()
        connection.execute("DROP SUBSCRIPTION IF EXISTS copies")
        connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'rollproof_left'"
        )
        connection.execute(
            "DROP OWNED BY rollproof_left; DROP ROLE rollproof_left" if _role(connection) else "SELECT 1"
        )
    server.drop(name)


def _role(connection):
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'rollproof_left'").fetchone()


def identities(before, after):
    return {leftover.identity for leftover in leftovers(before, after)}


def test_every_object_that_is_new_is_told_once_and_what_goes_with_it_is_not(told):
    _, before, live = told

    assert identities(before, live()) == {identity for identity in LEFT.values() if identity}


def test_a_new_schema_outside_the_schemas_looked_at_is_told(told):
    _, _, live = told
    limited = Scope(("app",), "migration_backup", "public.migration_log")
    before = live(limited)
    del before.snapshot.facets["all_schemas"]["work"]

    assert identities(before, live(limited)) == {"work (schema)"}


def test_with_a_reference_of_rows_alone_what_looks_temporary_is_told(told):
    _, before, live = told
    before.unavailable = lambda facet: "it holds rows" if facet == "tables" else None
    try:
        assert identities(before, live()) == {"public.spare_new (sequence)", "public.users.users_new (index)"}
    finally:
        del before.unavailable


def test_waiving_the_objects_waives_every_fact_that_came_with_them(told):
    """But for what changed in things that were there before: the order of a table's columns, its content, a view's star."""
    _, before, live = told
    after = live()
    waivers = [Waiver("leftovers", identity, "kept", TODAY) for identity in LEFT.values() if identity]
    accepted = Waivers(waivers, TODAY, owners_of_sequences(after.snapshot.facets["sequences"]))

    rest = [
        f"{facet}: {found.identity}"
        for facet in sorted({path.stem for path in SQL.glob("*.sql")} - {"all_schemas"} - LATE)
        for found in compare(facet, before.known(facet, EVERYTHING).facts, after.known(facet, EVERYTHING).facts)
        for found in accepted.accept([found])
    ]

    assert rest == ["column_order: public.users"]
    assert accepted.accept(leftover.difference for leftover in leftovers(before, after)) == ()
    assert accepted.unused(["leftovers"]) == ()


def test_the_statements_remove_what_was_left_in_the_order_given(told):
    connection, before, live = told

    for leftover in list(leftovers(before, live())):
        connection.execute(leftover.statement) if leftover.kind != "role" else connection.execute(
            f"DROP OWNED BY rollproof_left; {leftover.statement}"
        )

    # Whose slot it is nobody knows, so its statement is told as a remark.
    assert identities(before, live()) == {"rollproof_left (slot)"}
