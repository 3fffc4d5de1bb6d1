"""Rows held against their copies through the key mapping, on a real server; and what types may change in a definition."""

import psycopg
import pytest

from fixtures.readers import reader
from rollproof.migration.row_fate import Pair, fate

NAME = '"k""ey %s"'


@pytest.fixture
def ask(database):
    """Run SQL, then hold the table `live` against `copy`."""

    def ask(sql, was, now, key=(NAME,)):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(sql)
        view = reader(database)
        try:
            pair = Pair("public.live", "public.copy", {NAME: (was, now), "value": ("numeric", "numeric")}, key)
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


@pytest.mark.parametrize(
    ("copied", "live", "found"),
    [
        (f"('{A.upper()}', 1), ('{B.replace('-', '')}', 1.0), ('{{{C}}}', 2)", f"('{A}', 1), ('{B}', 1.0), ('{C}', 2)", (0, 0, 0)),
        (f"('{A}', 1)", f"('{A}', 1.0)", (0, 0, 1)),
        (f"('{A}', 1), ('{B}', 1)", f"('{A}', 1), ('{C}', 1)", (1, 1, 0)),
        (f"('{A}', 1), (NULL, 1)", f"('{A}', 1), ('{A}', 1), (NULL, 1)", (0, 1, 0)),
        ("('no uuid', 1)", f"('{A}', 1)", (1, 1, 0)),
    ],
)  # fmt: skip
def test_a_key_that_became_uuid_is_found_again_by_its_digits(ask, copied, live, found):
    assert ask(filled("varchar(40)", "uuid", copied, live), "character varying(40)", "uuid") == found


def test_any_other_change_of_type_is_a_cast(ask):
    sql = filled("text", "bigint", "('007', 1), ('8', 2), ('9', 3)", "(7, 1), (8, 3)")

    assert ask(sql, "text", "bigint") == (1, 0, 1)


def test_without_a_key_equal_rows_are_counted(ask):
    sql = filled("text", "text", "('x', 1), ('x', 1), ('y', 1)", "('x', 1), ('y', 2)")

    assert ask(sql, "text", "text", key=()) == (2, 1, 0)
