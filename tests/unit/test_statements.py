"""SQL is split where a statement ends, and nowhere else."""

import pytest

from rollproof.model.statements import statements


@pytest.mark.parametrize(
    "one",
    [
        "SELECT 1;",
        "CREATE TABLE t (a text DEFAULT ';', b text DEFAULT E'\\';');",
        'CREATE TABLE "a;b" (c integer);',
        "CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS $$BEGIN RETURN 1; END;$$;",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $_$SELECT $$;$$;$_$;",
        "CREATE FUNCTION f() RETURNS integer LANGUAGE sql BEGIN ATOMIC\n SELECT 1;\n SELECT CASE WHEN a THEN 1 END;\nEND;",
        "CREATE RULE r AS ON INSERT TO t DO INSTEAD ( DELETE FROM t;\n DELETE FROM u;\n);",
        "CREATE TABLE t (a integer /* ; */, -- ;\n b integer);",
        'CREATE TABLE t ("end" integer, begin integer, "case" integer);',
    ],
)
def test_a_statement_is_one_whatever_is_in_it(one):
    assert list(statements(f"-- before\n{one}\n\n{one}\n")) == [one, one]


def test_what_does_not_end_is_no_statement():
    assert list(statements("SELECT 1; SELECT 2")) == ["SELECT 1;"]
