"""Statements are printed only of what is one definition."""

import pytest

from fixtures.every import every
from rollproof.model.compare import Difference
from rollproof.repair.objects import Object
from rollproof.repair.plan import plan
from rollproof.repair.sides import Side, Sides
from rollproof.repair.soundness import is_sound as is_one_about
from rollproof.repair.soundness import unprintable, unsound
from rollproof.repair.step import Altered, Made

ROUND = {  # what stands around the forged fact, on both sides
    "schemas": {"public": "schema"},
    "tables": {"public.t": "table"},
    "columns": {"public.t.c": "integer"},
    "sequences": {"public.s": "bigint"},
    "dependencies": {},
}


def is_sound(facet, identity, statement):
    return is_one_about(Object(facet, identity), statement)


def sides(facet, identity, *descriptions):
    """Return both sides, which differ in one fact."""
    both = [dict.fromkeys(ROUND.keys() | {facet}) for _ in descriptions]
    for facts, description in zip(both, descriptions, strict=True):
        facts |= {name: dict(ROUND.get(name, {})) for name in facts}
        facts[facet].pop(identity, None)
        facts[facet] |= {} if description is None else {identity: description}
    return Sides(*(Side(facts, 150_000) for facts in both))


@pytest.mark.promise
@every(
    ("facet", "identity", "before", "after"),
    [
        ("constraints", "public.t.c", "CHECK (true); DROP TABLE public.orders", None),
        ("constraints", "public.t.c", "CHECK (true), DROP COLUMN total", None),
        # A string goes on after a line end, in the way in which it began; a name may hold letters that Python calls none.
        ("constraints", "public.t.c", "CHECK (E'a'\n'\\'' <> x); DROP TABLE y; --')", None),
        ("constraints", "public.t.c", "CHECK (a\u20ac$$); DROP TABLE y; --$$ )", None),
        ("constraints", "public.t.c", "CHECK (true) --", None),
        ("constraints", "public.t.c", "CHECK (true)\n\\! touch x\n", None),
        ("constraints", "public.t.c", "CHECK (x = '", None),
        ("constraints", "public.t; DROP TABLE x", "CHECK (true)", None),
        ("columns", "public.t.c", "integer DEFAULT 1, OWNER TO mallory", "integer"),
        ("columns", "public.t.c", "integer, DROP COLUMN d", "text"),
        ("columns", "public.t.c", "integer USING pg_catalog.pg_promote()", "text"),
        ("columns", "public.t.c", "integer + lo_export(1, '/x'::text)", "text"),
        ("column_order", "public.t", "c; DROP TABLE x", "c"),
        ("columns", "public.t.d", "integer DEFAULT 1", None),  # which the order of columns does not know
        ("indexes", "public.t.i", "CREATE INDEX i ON public.other USING btree (a)", None),
        ("indexes", "public.t.i", "CREATE ROLE mallory SUPERUSER", None),
        ("triggers", "public.t.g", "CREATE EVENT TRIGGER g ON ddl_command_end EXECUTE FUNCTION public.f()", None),
        ("functions", "public.f()", "CREATE ROLE mallory SUPERUSER", None),
        (
            "functions",
            "public.f()",
            "CREATE OR REPLACE FUNCTION public.g() RETURNS int LANGUAGE sql AS $$SELECT 1$$",
            None,
        ),
        (
            "functions",
            "public.f()",
            "CREATE OR REPLACE FUNCTION public.f() RETURNS int AS $$SELECT 1$$; DROP TABLE x",
            None,
        ),
        ("owners", "public.t (table)", "mallory; DROP TABLE x", "postgres"),
        ("privileges", "public.t (table) TO bob", "SELECT ON TABLE public.t TO eve; GRANT UPDATE", None),
        ("sequence_positions", "public.s", "1, true); DROP TABLE x; --", "2"),
        ("views", "public.v", "view AS SELECT 1; DROP TABLE x", None),
        ("foreign_key_triggers", 'public."$rollproof$; DROP TABLE x; --".c', "enforced", "disabled"),
    ],
)
def test_no_statement_is_printed_of_what_is_no_single_definition(facet, identity, before, after):
    """Nor is any of a foreign table, a body, a comment: the difference is named as one that nothing mends."""
    difference = Difference(facet, identity, before, after)
    made = plan(sides(facet, identity, before, after), [difference])

    assert [statement for step in made.steps for statement in step.statements] == []
    assert [each.difference for each in made.unmended] == [difference]


HEAD = "CREATE OR REPLACE {} public.f() LANGUAGE sql "
BODIES = {
    "BEGIN ATOMIC SELECT 1; SELECT 2; END;": True,
    "BEGIN ATOMIC SELECT 1; END; DROP TABLE x;": False,
    "BEGIN ATOMIC SELECT CASE WHEN (a) THEN CASE b WHEN 1 THEN 2 END END; SELECT 2; END;": True,
    "BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END; SELECT 3;": False,
    "BEGIN ATOMIC SELECT (CASE WHEN a THEN 1 END); SELECT 2; END;": True,
    "BEGIN ATOMIC SELECT f(begin); SELECT 2; END;": True,
    "BEGIN ATOMIC BEGIN ATOMIC SELECT 1; END; END;": True,
    "BEGIN ATOMIC SELECT 1;": False,
    "BEGIN ATOMIC SELECT 1; END": False,
    "BEGIN ATOMIC SELECT (1;) END;": True,
    "BEGIN ATOMIC SELECT 1); END;": False,
    "RETURN CASE WHEN a THEN 1 END;": True,
    "RETURN CASE WHEN a THEN 1 END; DROP TABLE x;": False,
    "RETURN (1 + (2));": True,
    "RETURN (1 + (2);": False,
    "RETURN 1 + (2));": False,
    "RETURN '(;';": True,
    'RETURN "(;";': True,
    "AS $$ SELECT 1; DROP TABLE x; $$;": True,
    "AS $$ SELECT 1;": False,
    "AS $f$ SELECT 1; $g$;": False,
    "AS $f$ SELECT 1; $f$; -- a note": False,
    "RETURN $1 + 1;": True,
    "RETURN $x + 1;": False,
    "RETURN 1 $;": False,
    "RETURN 'a'\n'b';": False,
    "RETURN 'a' E'b';": False,
    "RETURN 'a' || 'b';": True,
    "RETURN 1 -- ; \n;": False,
    "RETURN 1 /* ; */;": False,
    "RETURN 'a\\';": True,
    "RETURN a\\;": False,
    "RETURN a\r;": False,
    "RETURN é;": False,
    'RETURN "é";': True,
    'RETURN "a\0";': False,
    "RETURN 'no end;": False,
    'RETURN "no end;': False,
    "RETURN 1\n ;": True,
    "RETURN 1; \n": False,
    ";": True,
    "": False,
}


@pytest.mark.parametrize("kind", ["FUNCTION", "PROCEDURE"])
def test_a_routine_is_one_statement_to_its_last_semicolon(kind):
    found = {body: is_sound("functions", "public.f()", HEAD.format(kind) + body) for body in BODIES}

    assert {body for body in BODIES if found[body] != BODIES[body]} == set()


@pytest.mark.parametrize(
    "view",
    [
        "CREATE VIEW public.v AS BEGIN SELECT 1; END;",
        "CREATE VIEW public.v AS SELECT CASE WHEN a THEN 1 END; END;",
        "CREATE VIEW public.v AS SELECT function; SELECT 1;",
    ],
)
def test_only_a_routine_has_semicolons_inside(view):
    assert not is_sound("views", "public.v", view)


ALTER = "ALTER TABLE public.t "
IN_DO = "DO $rollproof$ BEGIN {} END $rollproof$;"


@pytest.mark.parametrize(
    ("facet", "identity", "statement", "sound"),
    [
        ("constraints", "public.t.c", ALTER + "ADD CONSTRAINT c CHECK (a IN (1, 2));", True),
        ("constraints", "public.t.c", ALTER + "ADD CONSTRAINT c CHECK (a = ANY (ARRAY[1, 2]));", True),
        ("constraints", "public.t.c", ALTER + "ADD CONSTRAINT c CHECK (true), DROP COLUMN d;", False),
        ("constraints", "public.t.c", ALTER + "ADD CONSTRAINT c CHECK (a[1]), DROP COLUMN d;", False),
        ("constraints", "public.t.c", ALTER + "ADD CONSTRAINT c UNIQUE (a, b);", True),
        ("constraints", "public.other.c", ALTER + "ADD CONSTRAINT c UNIQUE (a, b);", False),
        ("indexes", "public.t.i", "DROP INDEX public.i;", True),
        ("indexes", "public.t.i", "DROP INDEX public.other;", False),
        ("indexes", "public.t.i", "CREATE INDEX i ON public.t USING btree (a, b);", True),
        ("indexes", "public.t.i", "CREATE INDEX i ON public.t2 USING btree (a);", False),
        ("views", "public.v", "CREATE VIEW public.v AS SELECT 1, 2;", True),
        ("views", "public.v", "CREATE VIEW public.w AS SELECT 1;", False),
        ("functions", "public.f(integer)", HEAD.format("FUNCTION").replace("()", "(integer)") + "RETURN 1;", True),
        ("functions", "public.g()", HEAD.format("FUNCTION") + "RETURN 1;", False),
        ("tables", "public.t", "ANALYZE public.t;", True),
        ("indexes", "public.t.i", "DROP INDEX public.i; -- a note", False),
        ("indexes", "public.t.i", "DROP INDEX public.i; -- a note\nDROP TABLE x;", False),
        ("tables", "public.t", "ANALYZE public.t; ANALYZE public.u;", False),
        ("rows", "public.t", "ANALYZE public.t;", False),
        ("rows", "public.t", "-- a comment", False),
        ("tables", "public.t", "COPY public.t FROM PROGRAM 'touch x';", False),
        ("tables", "public.t", "CREATE TABLE public.t (a integer, b text);", True),
        ("tables", "public.t", "CREATE TABLE public.t (a integer);\nCREATE ROLE mallory SUPERUSER;", False),
        ("tables", "public.t", "COMMENT ON TABLE public.t IS 'a; DROP TABLE x; --';", True),
        ("tables", "public.t", "COMMENT ON TABLE public.other IS 'public.t';", False),
        ("tables", "public.t", "GRANT SELECT ON TABLE public.t TO app WITH GRANT OPTION;", True),
        ("tables", "public.t", "GRANT SELECT ON TABLE public.t TO ;", False),
        ("tables", "public.t", "GRANT pg_execute_server_program TO app;", False),
        ("tables", "public.t", "CREATE ROLE mallory SUPERUSER;", False),
        ("tables", "public.t", ALTER + 'ADD COLUMN "a_rollproof" int, ADD COLUMN "b_rollproof" int;', True),
        ("tables", "public.t", ALTER + 'ADD COLUMN "a_rollproof" int, OWNER TO mallory;', False),
        ("columns", "public.t.c", ALTER + "ALTER COLUMN c SET DEFAULT x[1:y];", True),
        ("columns", "public.t.c", ALTER + 'ALTER COLUMN c SET DEFAULT x[1:"USER"];', False),
        ("columns", "public.t.c", ALTER + "ALTER COLUMN c SET DEFAULT 'a'::text;", True),
        (
            "sequences",
            "public.s",
            "SELECT pg_catalog.setval('public.s', 4, false) FROM public.s WHERE last_value < 4;",
            True,
        ),
        ("sequences", "public.s", "SELECT pg_catalog.setval('public.s', public.evil());", False),
        ("sequences", "public.s", "SELECT pg_catalog.setval('public.other', 1);", False),
        ("roles", "app IN staff", "GRANT staff TO app WITH ADMIN OPTION;", True),
        ("roles", "app", "ALTER SYSTEM SET archive_command = 'touch x';", False),
        ("extensions", "citext", "CREATE EXTENSION citext SCHEMA public;", True),
        (
            "database",
            "this",
            IN_DO.format("EXECUTE pg_catalog.format('ALTER DATABASE %I OWNER TO app', pg_catalog.current_database());"),
            True,
        ),
        (
            "database",
            "this",
            IN_DO.format(
                "EXECUTE pg_catalog.format('ALTER DATABASE %I OWNER TO a; DROP TABLE x', pg_catalog.current_database());"
            ),
            False,
        ),
        (
            "tables",
            "public.t",
            IN_DO.format("SET LOCAL ROLE app; GRANT SELECT ON TABLE public.t TO bob; RESET ROLE;"),
            True,
        ),
        (
            "tables",
            "public.t",
            IN_DO.format("SET LOCAL ROLE app; DROP TABLE x; GRANT SELECT ON TABLE public.t TO bob; RESET ROLE;"),
            False,
        ),
        ("tables", "public.t", "DO $$ BEGIN DROP TABLE x; END $$;", False),
        (
            "tables",
            "public.t",
            "DO $rollproof$ BEGIN DROP TABLE public.t; END $rollproof$; DROP TABLE x; $rollproof$;",
            False,
        ),
        ("constraints", "public.t.c", "DO $rollproof$ BEGIN PERFORM 'DROP TABLE x; --'; END $rollproof$;", True),
        (
            "constraints",
            "public.t.c",
            "DO $rollproof$ BEGIN EXECUTE pg_catalog.format('%s', 'DROP TABLE x; --'); END $rollproof$;",
            False,
        ),
        ("constraints", "public.t.c", "DO $rollproof$ BEGIN EXECUTE 'DROP TABLE x'; END $rollproof$;", False),
        ("constraints", "public.t.c", "DO $rollproof$ BEGIN EXECUTE public.f('x'); END $rollproof$;", False),
    ],
)
def test_a_statement_is_of_its_facets_kind_and_about_its_object(facet, identity, statement, sound):
    assert is_sound(facet, identity, statement) == sound


def test_a_password_is_not_printed():
    of = Object("roles", "app")

    assert "password" in unprintable(of, Made(("CREATE ROLE app PASSWORD 'secret';",)))
    assert "password" in unprintable(of, Altered((), last=("ALTER ROLE app PASSWORD 'secret';",)))


@every(
    ("verb", "statement", "printable"),
    [
        ("rows", "INSERT INTO public.t SELECT b.a FROM backup.t AS b;", True),
        ("rows", "INSERT INTO public.t SELECT b.a FROM backup.t AS b; DROP TABLE x;", False),
        ("rows", "\\copy pg_temp.rollproof_rows_1 FROM '/x y/001-t.rows' WITH (ENCODING 'UTF8')", True),
        ("rows", "\\copy pg_temp.rollproof_rows_1 FROM PROGRAM 'touch x'", False),
        ("rows", "\\! touch x", False),
        ("create", "\\copy pg_temp.rollproof_rows_1 FROM '/x/001-t.rows' WITH (ENCODING 'UTF8')", False),
    ],
)
def test_rows_are_copied_by_one_statement_or_loaded_from_a_file_of_ours(verb, statement, printable):
    assert (unsound(Object("tables", "public.t"), [statement], verb) == "") == printable
