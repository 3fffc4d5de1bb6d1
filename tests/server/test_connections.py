"""Lines that break, crawl or lead elsewhere: connections reset at any byte, slow ones, another server behind one address."""

import os
import time

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fixtures.facts import told as facts_of
from fixtures.readers import SCOPE, execute, reader
from fixtures.relay import Relay
from rollproof.catalog.queries import queries
from rollproof.model.errors import Inconclusive
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING

OPENED = 20_000  # bytes, at the most, until the instant is held
FACETS = ("tables",)


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE a AS SELECT i, i::text AS t FROM generate_series(1, 500) AS i; CREATE TABLE b AS TABLE a"
        )


@pytest.fixture
def relayed(database_from):
    """The URL of a database behind a relay, the relay, and its own URL."""
    url = database_from(filled)
    relay = Relay(url)
    yield relay.url, relay, url
    relay.close()


@pytest.fixture
def few_questions(monkeypatch):
    monkeypatch.setattr(
        "rollproof.catalog.capture.queries",
        lambda version: {facet: sql for facet, sql in queries(version).items() if facet in FACETS},
    )


def told(url):
    with reader(url, jobs=1) as view:
        facts, unknown = facts_of(Live(view, SCOPE, "subject"), (*FACETS, *CONTENT))
    return facts, {facet: reasons for facet, reasons in unknown.items() if reasons}


EVERY = int(os.environ.get("ROLLPROOF_RESET_EVERY", "0"))  # bytes; without it a few places are tried


@pytest.mark.promise
@pytest.mark.usefixtures("few_questions")
def test_a_line_reset_at_any_byte_changes_no_fact(relayed):
    url, relay, _ = relayed
    undisturbed, whole = told(url), relay.passed
    assert undisturbed[1] == {}

    for place in range(300, whole, EVERY or whole // 4):
        relay.reset_after(place)
        try:
            disturbed = told(url)
        except Inconclusive:  # while the first session is opened, nothing is tried twice
            assert place < OPENED
        else:
            assert disturbed == undisturbed, place


@pytest.mark.usefixtures("few_questions")
def test_a_line_that_brings_a_few_bytes_at_a_time_tells_the_same(relayed):
    url, relay, own = relayed
    relay.piece = 40

    assert told(url) == told(own)


@pytest.mark.usefixtures("few_questions")
def test_a_slow_line_is_asked_few_times(relayed):
    """Of a catalogue question and all contents: each turn costs the whole way there and back."""
    url, relay, own = relayed
    relay.delay = 0.02
    began = time.monotonic()
    assert told(url) == told(own)

    assert relay.turns < 90, f"{relay.turns} turns in {time.monotonic() - began:.0f} s"


@pytest.mark.promise
@pytest.mark.usefixtures("few_questions")
def test_another_server_behind_the_address_is_never_read_for_the_first(relayed, other_major):
    """As when a name comes to lead to another cluster, which has a database of the same name, with the same tables."""
    url, relay, own = relayed
    name = psycopg.conninfo.conninfo_to_dict(own)["dbname"]
    other_major.create(name)
    try:
        stranger = other_major.dsn(name)
        filled(stranger)
        password = psycopg.conninfo.conninfo_to_dict(own)["password"]  # the same for both, or nobody would be let in
        for server in (stranger, own):
            execute(server, f"CREATE ROLE reader SUPERUSER LOGIN PASSWORD '{password}'")
        with reader(make_conninfo(url, user="reader"), jobs=1) as view:
            side = Live(view, SCOPE, "subject")
            relay.lead(stranger)
            with pytest.raises(Inconclusive, match="another database than a moment ago"):
                view.ask(lambda connection: connection.execute(b"SELECT 1").fetchone())
            for facet in CONTENT:
                known_now = side.known(facet, EVERYTHING)
                assert (known_now.facts, len(known_now.unknown)) == ({}, 2)
    finally:
        other_major.drop(name)
        for server in (own, other_major.dsn("postgres")):
            execute(server, "DROP ROLE IF EXISTS reader")
