"""Supplies that several of the tests with a server share."""

import psycopg
import pytest

from fixtures.endpoints import authority, serve, unused_host
from fixtures.stored_values import built, described
from rollproof.rehearsal.servers.server import fresh_name
from rollproof.server.reader import Target, connect

__all__ = ["authority", "serve", "unused_host"]


@pytest.fixture(scope="session")
def stored(server):
    """A writer and a reader of a database that has all the types of `fixtures.stored_values`, and how each is described."""
    name = fresh_name()
    server.create(name)
    url = server.dsn(name)
    with psycopg.connect(url, autocommit=True) as writer, connect(Target.parse(url)) as reader:
        yield writer, reader, described(reader, built(writer))
    server.drop(name)


@pytest.fixture
def visitor(server, museum):
    """A session in the museum, whose work is taken back."""
    with psycopg.connect(server.dsn(museum)) as connection:
        yield connection
        connection.rollback()
