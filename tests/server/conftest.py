"""Supplies that several of the tests with a server share."""

import psycopg
import pytest

from fixtures.doors import doors, doors_role, doors_shop
from fixtures.endpoints import authority, serve, unused_host
from fixtures.stored_values import built, described
from rollproof.commands.repair_script import script
from rollproof.commands.verification import Opening
from rollproof.server.reader import Target, connect
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.recorded import Recorded
from rollproof.throwaway.servers.server import fresh_name
from rollproof.verdict.row_evidence import RowEvidence, Wanted

__all__ = ["authority", "doors", "doors_role", "doors_shop", "serve", "unused_host"]


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


@pytest.fixture
def opened():
    """Call it with a URL, and perhaps what to hold it against, for both sides of a verification."""
    sides = []

    def open_(url, reference=None, baseline=None):
        named = None if reference is None else Reference.parse(reference)
        sides.append(Opening(Settings(database_url=url), named, baseline).verification())
        return sides[-1]

    yield open_
    for each in sides:
        each.close()


@pytest.fixture
def repaired(opened):
    """Call it with a URL and a reference for the script that puts rows back."""

    def repair(url, reference="backup", baseline=None):
        sides = opened(url, reference, baseline)
        return "\n".join(script(sides, evidence=RowEvidence(sides.before, sides.after, sides.copies, Wanted(rows=0))))

    return repair


@pytest.fixture
def all_of(opened):
    """Call it with a URL for all facts of that database, as a baseline."""
    return lambda url: Recorded(opened(url).after.complete(), "baseline.json")
