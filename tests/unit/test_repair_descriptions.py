"""Descriptions of views, sequences, types and routines, taken apart: no pattern cuts into a string or a quoted name."""

import pytest

from rollproof.model.compare import Difference
from rollproof.repair.alteration.alter import alter
from rollproof.repair.clauses.pieces import arguments_of, before_word, called, listed
from rollproof.repair.clauses.relations import counting, view_clauses
from rollproof.repair.clauses.routines import aggregate_clauses, operands_of, signature_of, usual_constructor
from rollproof.repair.clauses.types import domain_clauses, labels_of
from rollproof.repair.creation.routines import aggregate_statement, constructor_statement
from rollproof.repair.creation.types import type_statements
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

PLUS = "CREATE OR REPLACE FUNCTION public.plus({})\n RETURNS {}\n LANGUAGE sql\nAS $function$SELECT 1$function$\n"


def altered(facet, identity, before, after, more=None):
    """Return what is done about a change; `more` are facts of both sides, whose tables have rows."""
    was, now = ({**(more or {}), facet: {identity: text}} for text in (before, after))
    return alter(Difference(facet, identity, before, after), Sides(Side(was, 150000), Side(now, 150000)))


def test_lists_are_cut_at_commas_outside_of_brackets_strings_and_names():
    assert listed("a integer, \"b, c\" text DEFAULT 'd, e', f(1, 2), ARRAY[3, 4]") == (
        "a integer",
        "\"b, c\" text DEFAULT 'd, e'",
        "f(1, 2)",
        "ARRAY[3, 4]",
    )
    assert before_word("x text DEFAULT 'DEFAULT'", "DEFAULT") == ("x text", "'DEFAULT'")
    assert before_word("x text", "DEFAULT") == ("x text", "")


def test_a_routine_or_operator_is_called_without_its_arguments():
    assert called('public."f("(integer,text)') == 'public."f("'
    assert called("<(integer,integer)") == "<"
    assert arguments_of("public.===(NONE,numeric(10,2))") == ("NONE", "numeric(10,2)")
    assert operands_of("FUNCTION 1 (integer, bigint) btint48cmp(integer,bigint)") == ("integer", "bigint")
    assert operands_of("OPERATOR 3 =(integer,bigint) FOR ORDER BY pg_catalog.integer_ops") == ("integer", "bigint")


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT id,\n    email\n   FROM public.users", ("id", "email")),
        ('SELECT DISTINCT ON (a) a,\n    (b + 1) AS "C c"', ("a", '"C c"')),
        ("( SELECT x.a,\n    x.b FROM x) UNION SELECT 1, 2", ("a", "b")),
        ("WITH q AS (\n SELECT 1 AS z\n)\n SELECT q.z,\n    EXTRACT(year FROM now()) AS y FROM q", ("z", "y")),
        ("SELECT 'a FROM b, c' AS \"select\"  FROM x", ('"select"',)),
        ("VALUES (1,2)", ()),
    ],
)
def test_the_columns_of_a_query_in_their_order(query, columns):
    assert view_clauses(f"view AS {query};").columns == columns


def test_a_view_is_replaced_only_where_its_columns_stay_and_come_at_the_end():
    columns = {"public.v.a": "integer", "public.v.b": "integer"}
    facts = {"columns": columns, "views": {}}
    other, turned = "view AS SELECT a,\n    b\n   FROM public.t;", "view AS SELECT b,\n    a\n   FROM public.u;"

    assert altered("views", "public.v", other, other.replace("public.t", "public.u"), facts).statements == (
        "CREATE OR REPLACE VIEW public.v AS SELECT a,\n    b\n   FROM public.t;",
    )
    assert altered("views", "public.v", other, turned, facts) is None


def test_a_sequence_says_its_bounds():
    known = counting("smallint INCREMENT BY -2 OWNED BY a.b.c")
    assert (known.least, known.greatest, known.start, known.owner) == (-32768, -1, -1, "a.b.c")
    assert counting("text") is None


def test_a_sequence_that_went_on_beyond_its_end_is_left():
    stands = {"sequence_positions": {"public.s": "601"}}
    was, now = "bigint MAXVALUE 500", "bigint MAXVALUE 5000"

    assert isinstance(altered("sequences", "public.s", was, now, stands), Refused)
    assert altered("sequences", "public.s", was, now, {"sequence_positions": {"public.s": "501"}}).statements


def test_a_signature_is_what_stays_where_a_function_is_replaced():
    was = PLUS.format("a integer, b text DEFAULT 'x, y\n LANGUAGE '::text", "integer")
    assert signature_of(was).arguments == ("a integer", "b text")
    assert altered("functions", "public.plus(integer,text)", was, was.replace("SELECT 1", "SELECT 2"))
    assert (
        altered("functions", "public.plus(integer,text)", was, was.replace("\n RETURNS integer", "\n RETURNS text"))
        is None
    )
    assert (
        altered("functions", "public.plus(integer,text)", was.replace(" DEFAULT 'x, y\n LANGUAGE '::text", ""), was)
        is None
    )


def test_a_constructor_is_altered_for_replaced_it_would_no_longer_go_with_its_type():
    told = "\n LANGUAGE internal\n STABLE STRICT COST 7\n SET work_mem TO '1MB'\nAS $function$multirange_constructor1$function$\n"

    assert constructor_statement("f()", usual_constructor(told)) == (
        "ALTER FUNCTION f() IMMUTABLE STRICT SECURITY INVOKER NOT LEAKPROOF PARALLEL SAFE COST 1 RESET ALL;"
    )
    assert constructor_statement("f()", told).endswith("PARALLEL UNSAFE COST 7 RESET ALL SET work_mem TO '1MB';")
    assert usual_constructor("AS $function$other$function$") == constructor_statement("f()", "") == ""


def test_an_aggregate_says_what_it_is_made_of():
    made_of = "SFUNC int8inc(bigint) STYPE bigint FINALFUNC_EXTRA INITCOND '0 SORTOP x' SORTOP public.<(a,b)"
    told = f"AGGREGATE () RETURNS bigint {made_of}"

    assert aggregate_statement("public.c()", aggregate_clauses(told)) == (
        "CREATE AGGREGATE public.c(*) (SFUNC = int8inc, STYPE = bigint, FINALFUNC_EXTRA, INITCOND = '0 SORTOP x', "
        "SORTOP = OPERATOR(public.<), FINALFUNC_MODIFY = READ_ONLY);"
    )


def test_a_domain_is_cut_at_its_constraints_only():
    told = "DOMAIN text COLLATE \"C\" DEFAULT 'a NOT NULL b' NOT NULL CONSTRAINT \"c 1\" CHECK ((VALUE <> 'CONSTRAINT x CHECK ('))"
    known = domain_clauses(told)

    assert (known.type, known.default, known.not_null) == ('text COLLATE "C"', "'a NOT NULL b'", True)
    assert known.constraints == {'"c 1"': "CHECK ((VALUE <> 'CONSTRAINT x CHECK ('))"}
    assert type_statements("d", f"{told} NOT VALID")[1].startswith('ALTER DOMAIN d ADD CONSTRAINT "c 1" CHECK')
    assert type_statements("d", "DOMAIN") == type_statements("d", "something else") == ()


def test_labels_may_hold_what_parts_them():
    assert labels_of("ENUM ('it''s', 'a, b')") == ("'it''s'", "'a, b'")
    assert labels_of("ENUM ()") == ()


ENUM = "ENUM ('a', 'b', 'c', 'd')"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (
            "ENUM ('b', 'd')",
            Altered(
                (),
                prepare=(
                    "ALTER TYPE t.e ADD VALUE IF NOT EXISTS 'a' BEFORE 'b';",
                    "ALTER TYPE t.e ADD VALUE IF NOT EXISTS 'c' AFTER 'b';",
                ),
            ),
        ),
        ("ENUM ('a', 'x', 'c', 'd')", Altered(("ALTER TYPE t.e RENAME VALUE 'x' TO 'b';",))),
        ("ENUM ('b', 'a', 'c', 'd')", Altered((), frozenset([Object("types", "t.e")]))),
        ("ENUM ('x', 'y', 'z', 'd')", Altered((), frozenset([Object("types", "t.e")]))),  # who knows which is which
        ("ENUM ('a', 'b', 'c', 'd', 'e')", Altered((), frozenset([Object("types", "t.e")]))),
    ],
)
def test_an_enum_gets_labels_names_or_is_made_anew(now, expected):
    assert altered("types", "t.e", ENUM, now) == expected


def test_rows_that_hold_a_label_that_goes_stop_the_script():
    facts = {"columns": {"t.x.a": "t.e", "t.x.b": "t.e[]"}, "tables": {"t.x": "table"}}
    found = altered("types", "t.e", ENUM, "ENUM ('a', 'b', 'c', 'd', 'it''s')", facts)

    assert len(found.prepare) == 2
    assert "IN ('it''s')" in found.prepare[0]
    assert "unnest(b)" in found.prepare[1]


def test_attributes_that_rows_may_have_are_not_dropped():
    facts = {"columns": {"t.x.a": "t.p"}, "tables": {"t.x": "table"}}
    was, more = "COMPOSITE (a integer)", "COMPOSITE (a integer, b text)"

    assert isinstance(altered("types", "t.p", was, more, facts), Refused)
    assert altered("types", "t.p", more, was, facts).statements == ("ALTER TYPE t.p ADD ATTRIBUTE b text;",)
