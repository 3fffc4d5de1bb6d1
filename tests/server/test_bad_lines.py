"""Lines that break, crawl or lead elsewhere: connections reset at any byte, slow ones, another server behind one address."""

import os
import select
import socket
import struct
import threading
import time
from contextlib import suppress

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fixtures.facts import told as facts_of
from rollproof.catalog.capture import Scope
from rollproof.catalog.queries import questions
from rollproof.model.errors import Inconclusive
from rollproof.server.reader import Limits, SnapshotReader, Target
from rollproof.settings.options import Settings
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING

SCOPE = Scope.of(Settings())
OPENED = 20_000  # bytes, at the most, until the instant is held
FACETS = ("tables",)


class Relay:
    """Passes bytes on to a server: all of them, so many until it resets both ends, or few at a time; `lead` to another port."""

    def __init__(self, port):
        self.target, self.bytes_left, self.passed, self.piece, self.delay, self.turns = port, None, 0, 65536, 0, 0
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._lines = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self.target), 5)
                except OSError:
                    near.close()
                    continue
                self._lines += [near, far]
                for one, other, from_us in ((near, far, True), (far, near, False)):
                    one.settimeout(None)
                    threading.Thread(target=self._pass, args=(one, other, from_us), daemon=True).start()

    def _pass(self, one, other, from_us):
        with suppress(OSError, ValueError):
            while one.fileno() >= 0:
                # A thread that waits inside recv would keep a closed line open, and no RST would leave.
                if not select.select([one], [], [], 0.05)[0]:
                    continue
                if not (data := one.recv(self.piece)):
                    break
                self.turns += from_us
                time.sleep(self.delay)
                if self._spent(len(data)):
                    self.reset()
                    break
                other.sendall(data)
        for line in (one, other):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _spent(self, count):
        with self._lock:
            self.passed += count
            if self.bytes_left is None or self.passed < self.bytes_left:
                return False
            self.bytes_left = None
            return True

    def reset_after(self, count):
        """Reset everything when so many more bytes have passed."""
        with self._lock:
            self.passed, self.bytes_left = 0, count

    def reset(self):
        """Close every line with RST."""
        for line in [*self._lines]:
            with suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with suppress(OSError):
                line.close()
        self._lines.clear()

    def lead(self, port):
        """Lead to another server from now on, and end what leads to the first."""
        self.target = port
        self.reset()

    def close(self):
        self._door.close()
        self.reset()


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE a AS SELECT i, i::text AS t FROM generate_series(1, 500) AS i; CREATE TABLE b AS TABLE a"
        )


def port_of(url):
    return int(psycopg.conninfo.conninfo_to_dict(url)["port"])


@pytest.fixture
def relayed(database_from):
    """The URL of a database behind a relay, the relay, and its own URL."""
    url = database_from(filled)
    relay = Relay(port_of(url))
    yield make_conninfo(url, port=relay.port), relay, url
    relay.close()


@pytest.fixture
def few_questions(monkeypatch):
    monkeypatch.setattr(
        "rollproof.catalog.capture.questions",
        lambda version: {facet: sql for facet, sql in questions(version).items() if facet in FACETS},
    )


def told(url):
    with SnapshotReader(Target.parse(url), Limits(jobs=1)) as view:
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
        known = psycopg.conninfo.conninfo_to_dict(own)
        with psycopg.connect(stranger, autocommit=True) as admin:  # the same password, or nobody would be let in
            admin.execute(f"CREATE ROLE reader SUPERUSER LOGIN PASSWORD '{known['password']}'")
        with psycopg.connect(own, autocommit=True) as admin:
            admin.execute(f"CREATE ROLE reader SUPERUSER LOGIN PASSWORD '{known['password']}'")
        with SnapshotReader(Target.parse(make_conninfo(url, user="reader")), Limits(jobs=1)) as view:
            side = Live(view, SCOPE, "subject")
            relay.lead(port_of(stranger))
            with pytest.raises(Inconclusive, match="another database than a moment ago"):
                view.ask(lambda connection: connection.execute(b"SELECT 1").fetchone())
            for facet in CONTENT:
                known_now = side.known(facet, EVERYTHING)
                assert (known_now.facts, len(known_now.unknown)) == ({}, 2)
    finally:
        other_major.drop(name)
        with psycopg.connect(own, autocommit=True) as admin:
            admin.execute("DROP ROLE IF EXISTS reader")
