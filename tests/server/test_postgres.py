"""The databases that tests get: fresh, filled once, dropped."""

import psycopg
import pytest


def value(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def test_a_database_is_empty(database):
    assert value(database, "SELECT count(*) FROM pg_class WHERE oid >= 16384") == 0


def test_a_database_is_alike_everywhere(database):
    """Sorting, letters' case and times must not depend on the machine that runs the tests."""
    assert value(
        database, "SELECT datcollate || ' ' || datctype FROM pg_database WHERE datname = current_database()"
    ) == ("C C")
    assert value(database, "SHOW server_encoding") == "UTF8"
    assert value(database, "SHOW TimeZone") == "UTC"


def test_a_script_is_run_once_and_its_database_copied_each_time(database_from, tmp_path):
    script = tmp_path / "fill.sql"
    script.write_text("CREATE TABLE t AS SELECT random() AS drawn; SELECT 1")

    first, second = database_from(script), database_from(script)

    assert first != second
    assert value(first, "SELECT drawn FROM t") == value(second, "SELECT drawn FROM t")


def test_a_function_fills_a_database_too(database_from):
    def fill(url):
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE t AS SELECT 7 AS seven")

    assert value(database_from(fill), "SELECT seven FROM t") == 7


def test_a_script_that_fails_leaves_no_database(server, database_from, templates, tmp_path):
    script = tmp_path / "broken.sql"
    script.write_text("CREATE TABLE")

    before = value(server.dsn("postgres"), "SELECT count(*) FROM pg_database")
    with pytest.raises(psycopg.errors.SyntaxError):
        database_from(script)

    assert value(server.dsn("postgres"), "SELECT count(*) FROM pg_database") == before
    assert script not in templates


def test_databases_are_dropped_with_the_sessions_still_in_them(server, new_database):
    name = new_database()
    with psycopg.connect(server.dsn(name)) as open_session:
        server.drop(name)

        assert value(server.dsn("postgres"), f"SELECT count(*) FROM pg_database WHERE datname = '{name}'") == 0
        open_session.close()
