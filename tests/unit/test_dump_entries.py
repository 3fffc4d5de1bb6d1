"""An entry of pg_dump says how its object is created, and of which object it is."""

import pytest

from rollproof.catalog.pg_dump_parser import facts
from rollproof.repair.dump_entries import DumpEntries
from rollproof.repair.objects import Object


def entries(*listed):
    """Return what is known of a dump with such entries: name, kind, schema and text."""
    dump = "".join(
        f"--\n-- Name: {name}; Type: {kind}; Schema: {schema}; Owner: app\n--\n\n{text}\n\n\n"
        for name, kind, schema, text in listed
    )
    return DumpEntries(facts(dump, "db"))


CASES = {
    Object("tables", "s.t"): ("t", "TABLE", "CREATE TABLE s.t (\n    a integer\n);"),
    Object("tables", 's."T"'): ("T", "FOREIGN TABLE", 'CREATE FOREIGN TABLE s."T" (\n)\nSERVER far;'),
    Object("views", "s.v"): ("v", "VIEW", "CREATE VIEW s.v AS\n SELECT 1 AS one;"),
    Object("views", "s.circle"): ("v _RETURN", "RULE", "CREATE OR REPLACE VIEW s.circle AS\n SELECT 1 AS one;"),
    Object("sequences", "s.q"): ("q", "SEQUENCE", "CREATE SEQUENCE s.q\n    START WITH 1;"),
    Object("indexes", "s.t.i"): ("i", "INDEX", "CREATE UNIQUE INDEX i ON ONLY s.t USING btree (a);"),
    Object("constraints", "s.t.k"): ("t k", "CONSTRAINT", "ALTER TABLE ONLY s.t\n    ADD CONSTRAINT k UNIQUE (a);"),
    Object("triggers", "s.t.g"): (
        "t g",
        "TRIGGER",
        "CREATE TRIGGER g BEFORE INSERT OR UPDATE OF a ON s.t EXECUTE FUNCTION f();",
    ),
    Object("policies", "s.t.p"): ("t p", "POLICY", "CREATE POLICY p ON s.t;"),
    Object("rules", "s.t.r"): ("t r", "RULE", "CREATE RULE r AS\n    ON DELETE TO s.t DO INSTEAD NOTHING;"),
    Object("statistics", "s.t.x"): ("x", "STATISTICS", "CREATE STATISTICS s.x ON a, b FROM s.t;"),
    Object("statistics", "s.t.r.x"): ("x", "STATISTICS", "CREATE STATISTICS r.x ON a, b FROM s.t;"),
    Object("types", "s.d"): ("d", "DOMAIN", "CREATE DOMAIN s.d AS integer;"),
    Object("functions", "s.f(integer,s.p)"): (
        "f(integer, s.p)",
        "FUNCTION",
        "CREATE FUNCTION s.f(a integer, b s.p) RETURNS integer\n    LANGUAGE sql\n    AS $$SELECT 1;$$;",
    ),
    Object("functions", 's."F g"()'): (
        "F g()",
        "PROCEDURE",
        'CREATE PROCEDURE s."F g"()\n    LANGUAGE sql\n    AS $$$$;',
    ),
    Object("aggregates", "s.n()"): ("n(*)", "AGGREGATE", "CREATE AGGREGATE s.n(*) (\n    SFUNC = int8inc\n);"),
    Object("operators", "s.===(NONE,integer)"): (
        "===",
        "OPERATOR",
        "CREATE OPERATOR s.=== (\n    RIGHTARG = integer\n);",
    ),
    Object("operator_classes", "s.c USING hash (operator class)"): (
        "c",
        "OPERATOR CLASS",
        "CREATE OPERATOR CLASS s.c\n    FOR TYPE integer USING hash FAMILY s.c AS\n    OPERATOR 1 =(integer,integer);",
    ),
    Object("casts", "(s.p AS text)"): ("CAST (s.p AS text)", "CAST", "CREATE CAST (s.p AS text) WITH INOUT;"),
    Object("text_search", "s.w (text search parser)"): (
        "w",
        "TEXT SEARCH PARSER",
        "CREATE TEXT SEARCH PARSER s.w (\n );",
    ),
    Object("foreign_servers", "far (foreign-data wrapper)"): (
        "far",
        "FOREIGN DATA WRAPPER",
        "CREATE FOREIGN DATA WRAPPER far;",
    ),
    Object("schemas", "s"): ("s", "SCHEMA", "CREATE SCHEMA s;"),
}


@pytest.mark.parametrize("each", CASES, ids=str)
def test_an_entry_tells_its_object(each):
    name, kind, text = CASES[each]

    known = entries((name, kind, "s", f"{text}\n\n\nALTER {kind} s.x OWNER TO app;"))

    assert known.of(each) == (text,)


def test_what_facts_tell_of_every_object_is_left_out():
    """Owner, row security, comment: they are given to what is made by facts, too."""
    told = "CREATE TABLE s.t (\n    a integer\n);\nALTER TABLE ONLY s.t ALTER COLUMN a SET STATISTICS 7;\n\n"
    more = "ALTER TABLE ONLY s.t FORCE ROW LEVEL SECURITY;\n\n\nALTER TABLE s.t OWNER TO app;"

    known = entries(
        ("t", "TABLE", "s", told + more), ("t", "ROW SECURITY", "s", "ALTER TABLE s.t ENABLE ROW LEVEL SECURITY;")
    )

    assert known.of(Object("tables", "s.t")) == (
        "CREATE TABLE s.t (\n    a integer\n);",
        "ALTER TABLE ONLY s.t ALTER COLUMN a SET STATISTICS 7;",
    )


def test_columns_have_statements_apart():
    """pg_dump sets apart what needs an object that needs the table."""
    default = "ALTER TABLE ONLY s.t ALTER COLUMN a SET DEFAULT nextval('s.t_a_seq'::regclass);"
    identity = "ALTER TABLE s.t ALTER COLUMN b ADD GENERATED ALWAYS AS IDENTITY (\n    SEQUENCE NAME s.t_b_seq\n    CACHE 1\n);"

    known = entries(("t a", "DEFAULT", "s", default), ("t_b_seq", "SEQUENCE", "s", identity))

    assert known.default("s.t.a") == (default,)
    assert known.of_columns("s.t") == (identity,)
    assert known.of(Object("sequences", "s.t_b_seq")) == ()


@pytest.mark.parametrize(
    "text",
    [
        "CREATE SERVER far FOREIGN DATA WRAPPER w OPTIONS (\n    password 'x'\n);",
        "CREATE SERVER far FOREIGN DATA WRAPPER w;\nCREATE SERVER other FOREIGN DATA WRAPPER w;",
    ],
)
def test_an_entry_that_is_not_all_or_not_alone_is_not_used(text):
    assert entries(("far", "SERVER", "-", text)).of(Object("foreign_servers", "far (server)")) == ()


def test_a_setting_that_pg_dump_makes_for_an_entry_is_not_lost_in_silence():
    """Such a table has an access method that its statement does not name."""
    entry = "--\n-- Name: t; Type: TABLE; Schema: s; Owner: app\n--\n\nCREATE TABLE s.t (\n);\n"

    known = facts(f"SET default_table_access_method = pile;\n\n{entry}", "db")

    assert DumpEntries(known).of(Object("tables", "s.t")) == ()


def test_strings_that_are_written_otherwise_are_not_read():
    told = {
        "this (pg_dump)": "written by pg_dump 15 of PostgreSQL 15, standard_conforming_strings off",
        "s (SCHEMA)": "CREATE SCHEMA s;",
    }

    assert DumpEntries(told).of(Object("schemas", "s")) == ()
