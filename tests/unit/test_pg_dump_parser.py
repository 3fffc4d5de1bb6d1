"""pg_dump's text as facts: one per entry, named by what it is about, without what says nothing about the database."""

from fixtures.every import every
from rollproof.catalog.pg_dump_parser import facts

HEAD = r"""--
-- PostgreSQL database dump
--

\restrict {key}

-- Dumped from database version {version}

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

"""
TAIL = r"""
--
-- PostgreSQL database dump complete
--

\unrestrict {key}

"""


def entry(kind, name, text, *, schema="public", tablespace=""):
    placed = f"; Tablespace: {tablespace}" if tablespace else ""
    return f"--\n-- Name: {name}; Type: {kind}; Schema: {schema}; Owner: me{placed}\n--\n\n{text}\n\n\n"


def dump(*entries, key="aB1", version="18.0"):
    return HEAD.format(key=key, version=version) + "".join(entries) + TAIL.format(key=key)


def told(*entries):
    return facts(dump(*entries), "shop")


@every(
    ("kind", "name", "text", "identity"),
    [
        ("TABLE", "t", "CREATE TABLE public.t (\n    id integer\n);", "public.t (TABLE)"),
        ("TABLE", "t", "CREATE UNLOGGED TABLE public.t (\n    id integer\n);", "public.t (TABLE)"),
        ("FOREIGN TABLE", "t", "CREATE FOREIGN TABLE public.t (\n);", "public.t (FOREIGN TABLE)"),
        ("VIEW", "a b", 'CREATE VIEW public."a b" AS\n SELECT 1;', 'public."a b" (VIEW)'),
        ("MATERIALIZED VIEW", "m", "CREATE MATERIALIZED VIEW public.m AS\n SELECT 1;", "public.m (MATERIALIZED VIEW)"),
        ("SEQUENCE", "s", "CREATE SEQUENCE public.s\n    START WITH 1;", "public.s (SEQUENCE)"),
        ("DEFAULT", "t id", "ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT 1;", "public.t.id (DEFAULT)"),
        ("CONSTRAINT", "t t_pk", "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pk UNIQUE (a);", "public.t.t_pk (CONSTRAINT)"),
        ("INDEX", "i", "CREATE UNIQUE INDEX i ON ONLY public.t USING btree (a);", "public.t.i (INDEX)"),
        ("TRIGGER", "t x", "CREATE TRIGGER x BEFORE UPDATE ON public.t EXECUTE FUNCTION f();", "public.t.x (TRIGGER)"),
        ("POLICY", "t p", "CREATE POLICY p ON public.t USING (true);", "public.t.p (POLICY)"),
        ("RULE", "t r", "CREATE RULE r AS\n    ON DELETE TO public.t DO INSTEAD NOTHING;", "public.t.r (RULE)"),
        ("COMMENT", "COLUMN t.id", "COMMENT ON COLUMN public.t.id IS 'x';", "public.t COLUMN t.id (COMMENT)"),
        ("COMMENT", "TRIGGER x ON t", "COMMENT ON TRIGGER x ON public.t IS 'x';", "public.t TRIGGER x ON t (COMMENT)"),
        ("ACL", "TABLE t", "GRANT SELECT ON TABLE public.t TO reader;", "public.t TABLE t (ACL)"),
        ("ACL", "COLUMN t.id", "GRANT SELECT(id) ON TABLE public.t TO reader;", "public.t COLUMN t.id (ACL)"),
        ("FUNCTION", "f(integer)", "CREATE FUNCTION public.f(integer) …", "public.f(integer) (FUNCTION)"),
        ("TYPE", "Mood", "CREATE TYPE public.\"Mood\" AS ENUM ('a');", 'public."Mood" (TYPE)'),
        ("COMMENT", "TYPE mood", "COMMENT ON TYPE public.mood IS 'x';", "TYPE mood IN SCHEMA public (COMMENT)"),
        (
            "DEFAULT ACL",
            "DEFAULT PRIVILEGES FOR TABLES",
            "ALTER DEFAULT PRIVILEGES FOR ROLE me IN SCHEMA public GRANT SELECT ON TABLES TO r;",
            "DEFAULT PRIVILEGES FOR TABLES MADE BY me IN SCHEMA public (DEFAULT ACL)",
        ),
        (
            "OPERATOR",
            "===",
            "CREATE OPERATOR public.=== (\n    FUNCTION = f,\n    LEFTARG = integer,\n    RIGHTARG = text\n);",
            "public.=== (integer, text) (OPERATOR)",
        ),
        (
            "OPERATOR",
            "!!",
            "CREATE OPERATOR public.!! (\n    FUNCTION = f,\n    RIGHTARG = text\n);",
            "public.!! (NONE, text) (OPERATOR)",
        ),
        (
            "OPERATOR CLASS",
            "ops",
            "CREATE OPERATOR CLASS public.ops\n    FOR TYPE text USING hash AS …;",
            "public.ops USING hash (OPERATOR CLASS)",
        ),
    ],
)  # fmt: skip
def test_an_entry_is_named_by_what_it_is_about(kind, name, text, identity):
    assert [*told(entry(kind, name, text)).items()] == [(identity, text)]


def test_what_belongs_to_no_schema_is_named_without_one():
    extension = entry("EXTENSION", "citext", "CREATE EXTENSION citext;", schema="-")

    assert told(extension) == {"citext (EXTENSION)": "CREATE EXTENSION citext;"}


def test_versions_keys_and_settings_of_the_session_say_nothing_about_the_database():
    one, two = entry("TABLE", "t", "CREATE TABLE public.t ();"), entry("TABLE", "u", "CREATE TABLE public.u ();")
    set_between = "SET default_tablespace = '';\n\nSET default_table_access_method = heap;\n\n"

    assert facts(dump(one, two), "shop") == facts(dump(one, set_between, two, key="zZ9", version="14.1"), "shop")
    assert facts(dump(), "shop") == {}


def test_where_and_how_a_table_is_stored_is_told_though_only_a_setting_says_it():
    method = "SET default_table_access_method = columnar;\n\n"
    table = entry("TABLE", "t", "CREATE TABLE public.t ();", tablespace="fast")
    parent = entry("TABLE", "p", "CREATE TABLE public.p (\n)\nPARTITION BY RANGE (a);")
    index = entry("INDEX", "i", "CREATE INDEX i ON public.t USING btree (a);")

    assert told(method, table, parent, index) == {
        "public.t (TABLE)": "CREATE TABLE public.t ();\n-- ACCESS METHOD columnar\n-- Tablespace: fast",
        "public.p (TABLE)": "CREATE TABLE public.p (\n)\nPARTITION BY RANGE (a);",
        "public.t.i (INDEX)": "CREATE INDEX i ON public.t USING btree (a);",
    }


def test_the_order_of_grants_is_no_difference_and_who_gave_one_is_told():
    first = "GRANT SELECT ON TABLE public.t TO b;"
    given = f"SET SESSION AUTHORIZATION chief;\n{first}\nRESET SESSION AUTHORIZATION;"
    second = "GRANT SELECT ON TABLE public.t TO a;"

    [grants] = told(entry("ACL", "TABLE t", f"{given}\n{second}")).values()

    assert grants == f"{second}\n{first} -- SET SESSION AUTHORIZATION chief;"
    assert told(entry("ACL", "TABLE t", f"{first}\n{second}")) == told(entry("ACL", "TABLE t", f"{second}\n{first}"))


@every(
    ("kind", "text", "kept"),
    [
        ("USER MAPPING", "CREATE USER MAPPING FOR me SERVER s OPTIONS (\n    password 'it''s',\n    \"user\" 'u'\n);", "'u'"),
        ("SERVER", "CREATE SERVER s FOREIGN DATA WRAPPER f OPTIONS (\n    api_token 'it''s'\n);", "api_token"),
        ("DATABASE PROPERTIES", "ALTER DATABASE shop SET app.secret TO 'it''s';", "app.secret"),
        ("SUBSCRIPTION", "CREATE SUBSCRIPTION s CONNECTION 'host=h password=it''s' PUBLICATION p;", "PUBLICATION p"),
    ],
)  # fmt: skip
def test_no_secret_is_kept(kind, text, kept):
    [fact] = told(entry(kind, "s", text, schema="-")).values()

    assert "it''s" not in fact
    assert "(hidden)" in fact
    assert kept in fact


def test_a_word_that_only_sounds_like_a_secret_is_kept_where_none_can_be():
    text = "CREATE FUNCTION public.f() … 'password ''x'''"

    assert told(entry("FUNCTION", "f()", text)) == {"public.f() (FUNCTION)": text}


def test_the_order_of_storage_parameters_and_names_that_the_server_chose_are_no_difference():
    def table(parameters, column):
        return entry("TABLE", "t", f"CREATE TABLE public.t (\n    id integer {column}\n)\nWITH ({parameters});")

    one = told(table("fillfactor='70', autovacuum_enabled='off'", "CONSTRAINT t_id_not_null NOT NULL"))

    assert one == told(table("autovacuum_enabled='off', fillfactor='70'", "NOT NULL"))
    assert one != told(table("autovacuum_enabled='off', fillfactor='71'", "NOT NULL"))
    assert one != told(table("autovacuum_enabled='off', fillfactor='70'", "CONSTRAINT mine NOT NULL"))


@every("name", ["shop", "my shop"])
def test_a_database_and_its_copy_are_the_same(name):
    quoted = name if name == "shop" else f'"{name}"'
    entries = (
        entry("DATABASE", name, f"CREATE DATABASE {quoted} WITH TEMPLATE = template0;", schema="-"),
        entry("COMMENT", f"DATABASE {name}", f"COMMENT ON DATABASE {quoted} IS 'x';", schema="-"),
        entry("DATABASE PROPERTIES", name, f"ALTER DATABASE {quoted} SET b TO '1';\nALTER DATABASE {quoted} SET a TO '1';"),
    )  # fmt: skip

    assert facts(dump(*entries), name) == {
        "this (DATABASE)": "CREATE DATABASE this WITH TEMPLATE = template0;",
        "DATABASE this (COMMENT)": "COMMENT ON DATABASE this IS 'x';",
        "this (DATABASE PROPERTIES)": "ALTER DATABASE this SET a TO '1';\nALTER DATABASE this SET b TO '1';",
    }


def test_a_table_that_is_called_like_the_database_is_no_database():
    assert [*told(entry("TABLE", "shop", "CREATE TABLE public.shop ();"))] == ["public.shop (TABLE)"]


def test_of_two_entries_of_one_name_neither_hides_the_other():
    one, two = (entry("CAST", "CAST (a AS b)", f"CREATE CAST {text};", schema="-") for text in "xy")

    assert told(two, one) == {"CAST (a AS b) (CAST)": "CREATE CAST x;\nCREATE CAST y;"}
