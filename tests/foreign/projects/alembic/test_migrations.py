"""What the README shows, three lines, with everything that SQLAlchemy calls a way to a database."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session


def test_the_very_first_migration_is_honest(rollproof, engine, migrate):
    """Alembic's own table appears; that is no fault of the migration."""
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    with rollproof.unchanged(engine):
        migrate("0001")
        migrate("-1")


@pytest.fixture
def at_first(migrate):
    migrate("0001")
    yield
    migrate("-1")


def test_honest(rollproof, engine, migrate, at_first):
    with rollproof.unchanged(engine):
        migrate("0002")
        migrate("-1")


@pytest.fixture
def at_second(at_first, migrate):
    migrate("0002")
    yield
    migrate("-1")


def test_dishonest(rollproof, engine, migrate, at_second):
    with rollproof.unchanged(engine):
        migrate("0003")
        migrate("-1")


def test_honest_by_a_connection(rollproof, engine, migrate, at_first):
    with engine.connect() as connection, rollproof.unchanged(connection):
        migrate("0002")
        migrate("-1")


def test_honest_by_a_session(rollproof, engine, migrate, at_first):
    with Session(engine) as session, rollproof.unchanged(session):
        migrate("0002")
        migrate("-1")


def test_uncommitted_by_a_connection(rollproof, engine, at_first):
    with engine.connect() as connection, rollproof.unchanged(connection):
        connection.execute(text("DELETE FROM accounts"))


def test_uncommitted_by_a_session(rollproof, engine, at_first):
    with Session(engine) as session, rollproof.unchanged(session):
        session.execute(text("DELETE FROM accounts"))
