"""What the README shows, three lines, with a container."""

import os

import psycopg
import pytest
from testcontainers.community.postgres import PostgresContainer


@pytest.fixture(scope="module")
def container():
    with PostgresContainer(os.environ["IMAGE"], driver=None) as running:
        run(running, "CREATE TABLE invoices (id integer PRIMARY KEY, note text)", "INSERT INTO invoices VALUES (1, 'x')")
        yield running


def run(container, *statements):
    with psycopg.connect(container.get_connection_url(driver=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_honest(rollproof, container):
    with rollproof.unchanged(container):
        run(container, "ALTER TABLE invoices ADD paid date")
        run(container, "ALTER TABLE invoices DROP paid")


def test_dishonest(rollproof, container):
    with rollproof.unchanged(container):
        run(container, "ALTER TABLE invoices DROP note")
        run(container, "ALTER TABLE invoices ADD note text")
