"""A migration tool's own books around a block that must leave the database as it was."""

import pytest

import rollproof
from fixtures.readers import execute

BOOKS = "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)"


def _filled(url):
    execute(url, "CREATE TABLE customers (id int PRIMARY KEY)")


@pytest.fixture
def url(database_from, monkeypatch, tmp_path):
    """A database with one table; no rollproof.toml is in the way."""
    monkeypatch.chdir(tmp_path)
    return database_from(_filled)


def failure(url, *statements):
    with pytest.raises(rollproof.NotRestored) as raised, rollproof.unchanged(url):
        execute(url, *statements)
    return str(raised.value)


def test_a_tools_own_table_may_be_new_and_that_is_told(url):
    with rollproof.unchanged(url):
        execute(url, BOOKS)
    said = failure(url, "DROP TABLE alembic_version", "ALTER TABLE customers ADD note text", BOOKS)

    assert said.startswith("NOT RESTORED: columns: public.customers.note was left behind")


def test_a_tools_own_table_that_is_new_is_named_beside_what_is_not(url):
    said = failure(url, "ALTER TABLE customers ADD note text", BOOKS)

    assert "accepted: leftovers public.alembic_version (table): Alembic keeps its own books there" in said
    assert said.startswith("NOT RESTORED: columns: public.customers.note was left behind"), said


def test_a_tool_may_write_its_books_anew_but_not_leave_a_row(url):
    """Rolled back and applied again: Django's row of that migration has another number and another time."""
    execute(
        url,
        "CREATE TABLE django_migrations (id int, app text, name text, applied timestamptz DEFAULT clock_timestamp())",
        "INSERT INTO django_migrations VALUES (1, 'shop', '0001')",
    )
    again = "DELETE FROM django_migrations", "INSERT INTO django_migrations VALUES (2, 'shop', '0001')"
    with rollproof.unchanged(url):
        execute(url, *again)

    assert "rows: public.django_migrations changed from 1 to 2" in failure(
        url, "INSERT INTO django_migrations VALUES (3, 'shop', '0002')"
    )


def test_books_that_hold_what_is_applied_are_what_they_were(url):
    """Alembic's table names the revision, and nothing that would differ by itself: a revision left in it is still applied."""
    execute(url, BOOKS, "INSERT INTO alembic_version VALUES ('a')")
    with rollproof.unchanged(url):
        execute(url, "DELETE FROM alembic_version", "INSERT INTO alembic_version VALUES ('a')")

    assert "content: public.alembic_version changed" in failure(url, "UPDATE alembic_version SET version_num = 'b'")


def test_new_books_in_which_something_is_applied_were_left_behind(url):
    """Any tool's; but goose begins its table with a row about no migration."""
    with rollproof.unchanged(url):
        execute(url, "CREATE TABLE goose_db_version AS SELECT 0 AS version_id, true AS is_applied, now() AS tstamp")
    said = failure(
        url,
        BOOKS,
        "INSERT INTO alembic_version VALUES ('a')",
        "CREATE TABLE knex_migrations AS SELECT 1 AS id, 'a' AS name, 1 AS batch, now() AS migration_time",
        "CREATE TABLE knex_migrations_lock AS SELECT 0 AS is_locked",
    )

    assert "public.alembic_version was left behind" in said
    assert "- public.knex_migrations: table left behind" in said
    assert "public.knex_migrations_lock was left behind" not in said
