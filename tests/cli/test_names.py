"""Names are spelled by one rule on every major, whatever its keywords are; the texts between them are left alone."""

import json

import psycopg
import pytest

from fixtures.readers import subject
from rollproof.model.compare import compare
from rollproof.model.names import QUOTED, VARYING, sql_name
from rollproof.probes.leftovers import leftovers
from rollproof.sources.recorded import Recorded

# Each line once for each word: {0} is the word as SQL writes it, {1} its number.
EACH = """
CREATE SCHEMA {0}
CREATE TABLE tabled.{0} ({0} int CONSTRAINT {0} CHECK ({0} > {1}))
CREATE VIEW viewed.{0} AS SELECT a.{0}, other.id FROM tabled.{0} AS a, other
CREATE SEQUENCE numbered.{0}
CREATE TYPE typed.{0} AS ENUM ('"json"')
CREATE FUNCTION calling.{0}({0} text, typed.{0}, json) RETURNS int LANGUAGE sql AS 'SELECT 1 AS "json"'
CREATE TABLE hung.{0} (id int, {0} int DEFAULT {1})
CREATE INDEX {0} ON indexed.other ((id + {1}))
CREATE TRIGGER {0} BEFORE INSERT ON hung.{0} FOR EACH ROW EXECUTE FUNCTION work()
CREATE POLICY {0} ON hung.{0} USING ({0} > 0)
CREATE RULE {0} AS ON DELETE TO hung.{0} DO ALSO SELECT id FROM other
CREATE STATISTICS counted.{0} ON id, {0} FROM hung.{0}
CREATE COLLATION sorted.{0} FROM "C"
CREATE TEXT SEARCH CONFIGURATION sought.{0} (PARSER = "default")
CREATE OPERATOR FAMILY sorted.{0} USING hash
CREATE PUBLICATION {0} FOR TABLE tabled.{0}
CREATE SERVER {0} FOREIGN DATA WRAPPER far
COMMENT ON COLUMN tabled.{0}.{0} IS 'the "json" of {1}'
"""
ONCE = """
CREATE SCHEMA tabled; CREATE SCHEMA viewed; CREATE SCHEMA numbered; CREATE SCHEMA typed; CREATE SCHEMA hung; CREATE SCHEMA calling;
CREATE SCHEMA counted; CREATE SCHEMA sorted; CREATE SCHEMA sought; CREATE FOREIGN DATA WRAPPER far;
CREATE TABLE other (id int); CREATE SCHEMA indexed; CREATE TABLE indexed.other (id int);
CREATE FUNCTION work() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'
"""
TOLD = {
    "schemas": ("{0}", "schema"),
    "tables": ("tabled.{0}", "table"),
    "views": ("viewed.{0}", "view AS SELECT a.{0},\n    other.id\n   FROM tabled.{0} a,\n    public.other;"),
    "sequences": ("numbered.{0}", "bigint"),
    "types": ("typed.{0}", "ENUM ('\"json\"')"),
    "functions": (
        "calling.{0}(text,typed.{0},json)",
        """CREATE OR REPLACE FUNCTION calling.{0}({0} text, typed.{0}, json)
 RETURNS integer
 LANGUAGE sql
AS $function$SELECT 1 AS "json"$function$
""",
    ),
    "columns": ("hung.{0}.{0}", "integer DEFAULT {1}"),
    "indexes": ("indexed.other.{0}", "CREATE INDEX {0} ON indexed.other USING btree (((id + {1})))"),
    "constraints": ("tabled.{0}.{0}", "CHECK (({0} > {1}))"),
    "triggers": (
        "hung.{0}.{0}",
        "CREATE TRIGGER {0} BEFORE INSERT ON hung.{0} FOR EACH ROW EXECUTE FUNCTION public.work()",
    ),
    "rules": ("hung.{0}.{0}", None),
    "policies": ("hung.{0}.{0}", "PERMISSIVE FOR ALL TO PUBLIC USING (({0} > 0))"),
    "statistics": ("hung.{0}.counted.{0}", "CREATE STATISTICS counted.{0} ON id, {0} FROM hung.{0}"),
    "collations": ("sorted.{0}", None),
    "text_search": ("sought.{0} (text search configuration)", 'PARSER pg_catalog."default"'),
    "operator_classes": ("sorted.{0} USING hash (operator family)", None),
    "publications": ("{0}", None),
    "foreign_servers": ("{0} (server)", "FOREIGN DATA WRAPPER far"),
    "comments": ("tabled.{0}.{0} (table column)", 'the "json" of {1}'),
    "owners": ("tabled.{0} (table)", "postgres"),
    "privileges": ("calling.{0}(text,typed.{0},json) (function) TO PUBLIC", "EXECUTE"),
    "column_order": ("tabled.{0}", "{0}"),
}
"""Facet → how it tells the object and what of it, the same on every major: so no two majors can differ."""


@pytest.fixture(scope="module")
def words(server):
    """Every keyword that any server quotes, and some of those that none does."""
    with psycopg.connect(server.dsn("postgres")) as connection:
        own = {word for (word,) in connection.execute("SELECT word FROM pg_get_keywords()").fetchall()}
    return sorted(QUOTED | {*sorted(own)[::20]})


@pytest.fixture(scope="module")
def worded(server, words):
    """The URL of a database in which objects of all kinds are named after each word, written as we would write it."""
    server.create("rollproof_worded")
    each = [line.format(sql_name(word), place) for line in EACH.strip().split("\n") for place, word in enumerate(words)]
    roles = [sql_name(word) for word in words if word != "none"]  # which no role may be called
    each += [f"CREATE ROLE {role}; GRANT SELECT ON tabled.{role} TO {role}" for role in roles]
    with psycopg.connect(server.dsn("rollproof_worded")) as connection:
        connection.execute("; ".join([ONCE, *each]))
    yield server.dsn("rollproof_worded")
    server.drop("rollproof_worded")
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute("; ".join(f"DROP ROLE IF EXISTS {role}" for role in roles))
        admin.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'user'")


def test_the_keywords_of_this_server_are_known(server):
    with psycopg.connect(server.dsn("postgres")) as connection:
        rows = connection.execute("SELECT word FROM pg_get_keywords() WHERE quote_ident(word) <> word").fetchall()
    quoted = {word for (word,) in rows}

    assert quoted - QUOTED == set()
    assert QUOTED - VARYING - quoted == set()


def test_any_keyword_is_told_alike_as_a_name_of_anything(worded, words):
    """What this server must say is written down once, for all majors: identities to the letter, texts but for the quotes."""
    with subject(worded) as live:
        facets = live.snapshot.facets
        scanned = live.scanned

    for facet, (identity, text) in TOLD.items():
        names = [sql_name(word) for word in words]
        expected = {identity.format(name): text and text.format(name, place) for place, name in enumerate(names)}
        told = {known: facets[facet].get(known) for known in expected}
        wanted = {known: text or told[known] or "it is missing" for known, text in expected.items()}
        assert compare(facet, wanted, told) == ()
    assert {f"tabled.{sql_name(word)}" for word in words} <= set(scanned)
    roles = {sql_name(word) for word in words if word != "none"}
    assert roles <= facets["roles"].keys()
    assert {f"tabled.{role} (table) TO {role}" for role in roles} <= facets["privileges"].keys()


def test_what_is_printed_to_remove_an_object_runs_whatever_its_name(worded, words, server):
    """And removes it: afterwards nothing is left behind."""
    server.create("rollproof_unworded")
    try:
        with subject(server.dsn("rollproof_unworded")) as empty:
            before = Recorded(empty.snapshot, "the baseline")
        with psycopg.connect(worded, autocommit=True) as connection:
            connection.execute("SELECT pg_create_physical_replication_slot('user')")
        with subject(worded) as live:
            found = list(leftovers(before, live))
        with psycopg.connect(worded, autocommit=True) as connection:
            for leftover in found:
                connection.execute(leftover.statement.removeprefix("-- unless a replica needs it: "))
        with subject(worded) as live:
            left = [leftover.identity for leftover in leftovers(before, live)]
    finally:
        server.drop("rollproof_unworded")

    assert {"replication", "tables", "foreign_servers"} <= {leftover.facet for leftover in found}
    assert len(found) > 10 * len(words)
    assert left == []


CASE = """
ALTER SCHEMA public OWNER TO postgres; REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE TABLE t (id int PRIMARY KEY, json jsonb, kept json DEFAULT '{"json": 1}' CHECK (json_array_length(kept) > 0));
CREATE TABLE json (merge_action int PRIMARY KEY, "system_user" text DEFAULT json_object('{a,b}')::text);
ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES json;
CREATE FUNCTION "json_value"(json, json[]) RETURNS json LANGUAGE sql AS 'SELECT $1';
CREATE VIEW "json_table" AS SELECT "json_value"(t.kept, NULL), t.json FROM t, json;
INSERT INTO json VALUES (1); INSERT INTO t VALUES (1, '{}', '[1]');
"""


@pytest.fixture(scope="module")
def pair(server, other_major):
    """The same database on both servers, as URLs."""
    for running in (server, other_major):
        running.create("rollproof_pair")
        with psycopg.connect(running.dsn("rollproof_pair")) as connection:
            connection.execute(CASE)
    yield server.dsn("rollproof_pair"), other_major.dsn("rollproof_pair")
    for running in (server, other_major):
        running.drop("rollproof_pair")


def test_a_database_and_its_copy_on_another_major_are_told_alike(pair):
    """The type json is no name, a column of that name is one, and what a string says of it is its own business."""
    with subject(pair[0]) as here, subject(pair[1]) as there:
        told = [live.complete() for live in (here, there)]

    differing = {
        facet: compare(facet, told[0].facets[facet], told[1].facets[facet])
        for facet in told[0].facets
        if facet not in {"pg_dump", "roles", "settings", "database", "privileges", "schemas", "extension_members"}
    }
    assert {facet: found for facet, found in differing.items() if found} == {}
    assert 'public.t."json"' in told[0].facets["columns"]
    assert 'public."json_value"(json,json[])' in told[0].facets["functions"]


def test_the_command_line_finds_no_difference_between_them(command, pair, tmp_path):
    ran = command(tmp_path, "verify", "--database-url", pair[0], "--reference", pair[1], "--other-database")
    outcomes = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())["outcomes"]
    wrong = {outcome["check"] for outcome in outcomes if outcome["kind"] in {"not restored", "inconclusive"}}

    assert len(outcomes) > 50, ran.stdout
    assert wrong <= {"roles"}  # which are other tests' business
