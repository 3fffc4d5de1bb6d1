"""Statements are printed only of what is one definition."""

import pytest

from fixtures.every import every
from rollproof.model.compare import Difference
from rollproof.verdict.repair_statements import statements
from rollproof.verdict.statement_check import is_sound


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
    answer = statements(Difference(facet, identity, before, after), ("public.t",))

    assert [line for line in answer if not line.startswith("--")] == []


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
        ("planner_statistics", "public.t", "ANALYZE public.t;", True),
        ("indexes", "public.t.i", "DROP INDEX public.i; -- a note", True),
        ("indexes", "public.t.i", "DROP INDEX public.i; -- a note\nDROP TABLE x;", False),
        ("planner_statistics", "public.t", "ANALYZE public.t; ANALYZE public.u;", False),
        ("rows", "public.t", "ANALYZE public.t;", False),
        ("rows", "public.t", "-- a comment", True),
    ],
)
def test_a_statement_is_of_its_facets_kind_and_about_its_object(facet, identity, statement, sound):
    assert is_sound(facet, identity, statement) == sound
