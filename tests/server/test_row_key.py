"""Rows are told apart by a key only where no two of them, and none without a value, can share it."""

import psycopg
import pytest

from rollproof.rows.row_key import row_key

TABLES = """
CREATE TABLE primary_before_unique (a integer NOT NULL UNIQUE, b integer, c integer, PRIMARY KEY (c, b));
CREATE TABLE fewest_columns (a integer NOT NULL, b integer NOT NULL, "C d" integer NOT NULL UNIQUE, UNIQUE (a, b));
CREATE TABLE may_be_null (a integer UNIQUE);
CREATE TABLE of_some_rows (a integer NOT NULL); CREATE UNIQUE INDEX ON of_some_rows (a) WHERE a > 0;
CREATE TABLE of_an_expression (a integer NOT NULL); CREATE UNIQUE INDEX ON of_an_expression ((a + 1));
CREATE TABLE with_more_beside (a integer NOT NULL, b integer); CREATE UNIQUE INDEX ON with_more_beside (a) INCLUDE (b);
"""
KEYS = {
    "primary_before_unique": ["c", "b"],
    "fewest_columns": ['"C d"'],
    "may_be_null": None,
    "of_some_rows": None,
    "of_an_expression": None,
    "with_more_beside": ["a"],
}


@pytest.fixture
def keys(database):
    with psycopg.connect(database, autocommit=True) as connection:
        yield lambda: dict(
            connection.execute(
                f"SELECT relname::text, ({row_key('c.oid')}) FROM pg_class AS c WHERE relkind = 'r'"
                " AND relnamespace = 'public'::regnamespace"
            ).fetchall()
        )


def test_a_key_is_one_that_every_row_has_alone(database, keys):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES)

    assert keys() == KEYS


def test_a_not_null_that_was_never_validated_makes_no_key(database, keys):
    with psycopg.connect(database, autocommit=True) as connection:
        if connection.info.server_version < 180000:
            pytest.skip("PostgreSQL 18 brought it")
        connection.execute("CREATE TABLE t (a integer UNIQUE); INSERT INTO t VALUES (NULL), (NULL)")
        connection.execute("ALTER TABLE t ADD CONSTRAINT filled NOT NULL a NOT VALID")
        assert keys() == {"t": None}
        connection.execute("DELETE FROM t; ALTER TABLE t VALIDATE CONSTRAINT filled")

    assert keys() == {"t": ["a"]}
