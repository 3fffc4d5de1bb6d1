"""Rows held against their copies through the key mapping, on a real server; and what types may change in a definition."""

import psycopg
import pytest

from fixtures.readers import reader
from rollproof.migration.row_fate import TableAndCopy, fate

NAME = '"k""ey %s"'


@pytest.fixture
def ask(database):
    """Run SQL, then hold the table `live` against `copy`."""

    def ask(sql, was, now, key=(NAME,)):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(sql)
        view = reader(database)
        try:
            pair = TableAndCopy("public.live", "public.copy", {NAME: (was, now), "value": ("numeric", "numeric")}, key)
            found = view.ask(lambda connection: fate(connection, pair))
        finally:
            view.close()
        return found.missing, found.added, found.changed

    return ask


def filled(was, now, copied, live):
    return (
        f"CREATE TABLE copy ({NAME} {was}, value numeric); CREATE TABLE live ({NAME} {now}, value numeric);"
        f"INSERT INTO copy VALUES {copied}; INSERT INTO live VALUES {live}"
    )


A, B, C = (f"{letter * 8}-0000-4000-8000-00000000000{letter}" for letter in "abc")


UUIDS = (  # what was copied, what is there now, and how many rows are missing, added and changed
        (f"('{A.upper()}', 1), ('{B.replace('-', '')}', 1.0), ('{{{C}}}', 2)", f"('{A}', 1), ('{B}', 1.0), ('{C}', 2)", (0, 0, 0)),
        (f"('{A}', 1)", f"('{A}', 1.0)", (0, 0, 1)),
        (f"('{A}', 1), ('{B}', 1)", f"('{A}', 1), ('{C}', 1)", (1, 1, 0)),
        (f"('{A}', 1), (NULL, 1)", f"('{A}', 1), ('{A}', 1), (NULL, 1)", (0, 1, 0)),
        ("('no uuid', 1)", f"('{A}', 1)", (1, 1, 0)),
)  # fmt: skip


def test_a_key_that_became_uuid_is_found_again_by_its_digits(ask):
    again = "DROP TABLE IF EXISTS copy, live; "
    found = [ask(again + filled("varchar(40)", "uuid", *pair), "character varying(40)", "uuid") for *pair, _ in UUIDS]

    assert found == [expected for *_, expected in UUIDS]


def test_any_other_change_of_type_is_a_cast(ask):
    sql = filled("text", "bigint", "('007', 1), ('8', 2), ('9', 3)", "(7, 1), (8, 3)")

    assert ask(sql, "text", "bigint") == (1, 0, 1)


def test_without_a_key_equal_rows_are_counted(ask):
    sql = filled("text", "text", "('x', 1), ('x', 1), ('y', 1)", "('x', 1), ('y', 2)")

    assert ask(sql, "text", "text", key=()) == (2, 1, 0)


def test_a_value_of_the_same_text_is_not_the_same_if_it_is_stored_otherwise(database):
    """NaN with another sign, and a query whose words belong together otherwise, read alike: only what is stored can tell."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE copy AS SELECT 1 AS k, 'NaN'::float8 AS n, tsquery '(a & b) & c' AS q;"
            "CREATE TABLE live AS SELECT k, -n AS n, q FROM copy;"
            "CREATE TABLE other AS SELECT k, n, tsquery 'a & (b & c)' AS q FROM copy"
        )
    columns = {"k": ("integer", "integer"), "n": ("double precision", "double precision"), "q": ("tsquery", "tsquery")}
    with reader(database) as view:
        for table in ("live", "other", "copy"):
            found = view.ask(
                lambda connection, table=table: fate(
                    connection, TableAndCopy(f"public.{table}", "public.copy", columns, ("k",))
                )
            )
            assert (found.missing, found.added, found.changed) == (0, 0, int(table != "copy")), table
