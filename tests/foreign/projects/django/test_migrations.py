"""What the README shows, three lines, with Django's own connection and its own test database."""

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.fixture
def migrate():
    def to(name):
        call_command("migrate", "shop", name, verbosity=0)

    return to


@pytest.fixture
def orders(transactional_db, migrate):
    """Some orders, at the state of the first migration."""
    migrate("0001")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO shop_order (customer, note) SELECT n, n FROM generate_series(1, 20) AS n")


def test_honest(rollproof, orders, migrate):
    with rollproof.unchanged(connection):
        migrate("0002")
        migrate("0001")


def test_dishonest(rollproof, orders, migrate):
    migrate("0002")
    with rollproof.unchanged(connection):
        migrate("0003")
        migrate("0002")


def test_uncommitted(rollproof, db):
    """Inside the transaction that Django puts around a plain test, nobody else sees what is done."""
    with rollproof.unchanged(connection), connection.cursor() as cursor:
        cursor.execute("INSERT INTO shop_order (customer, paid) VALUES ('x', false)")
