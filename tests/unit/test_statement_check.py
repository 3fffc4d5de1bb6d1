"""Statements are printed only of what is one definition."""

import pytest

from fixtures.every import every
from rollproof.model.compare import Difference
from rollproof.verdict.repair_statements import statements


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
