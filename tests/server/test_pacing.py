"""Who reads gently works a small part of the time, never twice at once, rests more when the server is slow, and finds the same."""

import os
import threading
import time
from contextlib import contextmanager

import psycopg
import pytest

from fixtures.readers import reader
from fixtures.relay import Relay
from rollproof.model.errors import Inconclusive
from rollproof.probes.foreign_keys import Orphans, Relationship
from rollproof.rows.paired_tables import Pair
from rollproof.rows.row_diff import find_changes
from rollproof.rows.scan import Scan, complete
from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations
from rollproof.server import pacing as pace
from rollproof.server.pacing import LEAST
from rollproof.server.reader import Limits, SnapshotReader, Target
from rollproof.sources.table_groups import EVERYTHING

BY_NIGHT = pytest.mark.skipif(not os.environ.get("ROLLPROOF_NIGHT"), reason="by night, or with ROLLPROOF_NIGHT=1")

GENTLE = Limits(gentle=True, jobs=3)


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE notes AS SELECT i, md5(i::text) AS body FROM generate_series(1, 6000) AS i;"
            " INSERT INTO notes VALUES (-1, 'of nobody'); CREATE TABLE days AS SELECT i FROM generate_series(1, 6000) AS i;"
            " CREATE TABLE copied AS SELECT i, CASE WHEN i % 1400 = 1 THEN 'damaged' ELSE body END AS body FROM notes WHERE i > 9;"
            " ALTER TABLE days ADD PRIMARY KEY (i); CREATE TABLE empty (); CREATE TABLE one AS SELECT 1 AS x;"
            " CREATE TABLE wide (id int, body text); ALTER TABLE wide ALTER body SET STORAGE EXTERNAL;"
            " INSERT INTO wide SELECT i, repeat(chr(65 + i), 300000) FROM generate_series(1, 6) AS i;"
            " ANALYZE"
        )


def contents(view):
    return Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))


@contextmanager
def seen(url):
    """Sample how many of our sessions read rows."""
    samples, end = [], threading.Event()
    query = (
        "SELECT count(*) FILTER (WHERE state = 'active' AND query LIKE '%FROM ONLY %') FROM pg_stat_activity"
        " WHERE application_name = 'rollproof'"
    )

    def look():
        with psycopg.connect(url, autocommit=True) as connection:
            while not end.wait(0.003):
                samples.append(connection.execute(query).fetchone()[0])

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield samples
    finally:
        end.set()
        watcher.join()


@contextmanager
def busy(url):
    """An application at work."""
    end = threading.Event()

    def work():
        with psycopg.connect(url, autocommit=True) as connection:
            while not end.wait(0.005):
                connection.execute("SELECT 1")

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        end.set()
        worker.join()


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(pace, "PART", 0.01)
    monkeypatch.setattr(pace, "BYTES", (2**13, 2**15, 2**16))
    monkeypatch.setattr(pace, "LEAST", 0.15)  # a machine that is busy answers slowly, and we would rest for minutes


@pytest.mark.usefixtures("small_parts")
@pytest.mark.promise
def test_a_gentle_reading_is_one_at_a_time_rests_and_finds_the_same(database_from):
    url = database_from(filled)
    with reader(url, jobs=3) as view:
        quickly = found_in(view)
    with (
        busy(url),
        SnapshotReader(Target.parse(url), GENTLE) as view,
        SnapshotReader(Target.parse(url), GENTLE, beside=view) as beside,
    ):
        assert beside.pace is view.pace
        contents(beside).begin()
        with seen(url) as samples:
            slowly = found_in(view)
        worked, rested = view.pace.worked - view.pace._last, view.pace.rested  # noqa: SLF001 (its rest may be still to come)

    assert slowly == quickly
    assert len(quickly[-1]) == 10 + 4, "rows that are missing and rows that were changed"
    assert max(samples) == 1, "never two of our sessions at once"
    assert rested > 2 * worked, "by its rule four times as long, less what other work took of its rests"
    assert sum(samples) < len(samples) / 2
    assert any("were rests (--gentle)" in note for note in view.notes)


def found_in(view):
    """Return all that a reading of rows finds: contents, hashes of rows, rows whose key leads nowhere."""
    known, found = contents(view), []
    read = {table: known.of(table) for table in known.tables}
    key = Relationship("public.notes", ("i",), "public.days", ("i",))
    lost = [str(each) for each in Orphans(view, {"public.notes.i": key}).of(EVERYTHING)]
    pair = Pair(known.scannable("public.notes"), known.scannable("public.copied"), ("i",))
    find_changes(pair, 6001, lambda some, _: found.extend(some) or True)
    return read, known.hashes(read, ()), lost, sorted(found, key=str)


@pytest.mark.usefixtures("small_parts")
def test_a_large_table_is_read_in_many_parts_that_leave_nothing_out(database_from):
    with SnapshotReader(Target.parse(database_from(filled)), GENTLE) as view:
        known = contents(view)
        known.begin()
        pieces = {}
        for table in ("public.notes", "public.wide"):
            (future,) = known._scans[table]  # noqa: SLF001 (which pieces it was is told nowhere else)
            pieces[table] = [piece for piece, parts in future.result() if table in parts]

        orphans = Orphans(view, {"key": Relationship("public.notes", ("i",), "public.days", ("i",))})
        orphans.begin()
        assert len(orphans._asked["key"].result()) > 4  # noqa: SLF001 (the same)

    assert all(complete(each) for each in pieces.values())
    assert len(pieces["public.notes"]) > 4
    assert len(pieces["public.wide"]) > 4, "rows of one page, since each has so much outside of it"
    assert not complete(pieces["public.notes"][1:])
    assert not complete(pieces["public.notes"][:-1])
    assert not complete([*pieces["public.notes"], Scan((), 0, (5, 0), (6, 0))])


def test_two_verifications_share_what_one_may_have(database, monkeypatch):
    monkeypatch.setattr(pace, "LOOK", 0)
    with (
        SnapshotReader(Target.parse(database), GENTLE) as one,
        SnapshotReader(Target.parse(database), GENTLE) as another,
    ):
        for view in (one, another, one):
            view.ask(lambda connection: connection.execute(b"SELECT 1").fetchone())

        assert one.pace.together >= 2, "each takes the other into account"


@pytest.fixture
def relay(database_from):
    """What stands between us and the server of a database."""
    relay = Relay(database_from(filled))
    yield relay
    relay.close()


@BY_NIGHT
@pytest.mark.promise
def test_slow_answers_make_the_rests_longer_and_quick_ones_shorter(relay):
    def hear(view, often):
        for _ in range(often):
            view.ask(lambda connection: connection.execute(b"SELECT 1").fetchone())
        return view.pace.duty.share

    with SnapshotReader(Target.parse(relay.url), GENTLE) as view:
        assert hear(view, 3) >= LEAST
        relay.delay = 0.02
        assert hear(view, 2) == LEAST
        relay.delay = 0.0
        assert hear(view, 6) > LEAST


@pytest.mark.promise
def test_a_rest_ends_at_once_when_the_run_does(database):
    with SnapshotReader(Target.parse(database), GENTLE) as view:
        view.ask(lambda connection: connection.execute(b"SELECT pg_catalog.pg_sleep(0.2)").fetchone())
        view.pace._until = time.monotonic() + 300  # noqa: SLF001 (a rest after something that took long)
        later = view.submit(lambda connection: connection.execute(b"SELECT 1").fetchone(), patient=True)
        time.sleep(0.2)
    with pytest.raises(Inconclusive, match="the run was ended first"):
        later.result(60)


def test_waiting_for_somebodys_lock_is_no_work_to_rest_from(database_from):
    url = database_from(filled)
    with (
        psycopg.connect(url) as other,
        reader(url, gentle=True, lock_timeout=0.1) as view,
    ):
        other.execute("LOCK TABLE one")
        with pytest.raises(Inconclusive, match="another session holds a lock"):
            view.ask(lambda connection: connection.execute(b"SELECT x FROM public.one").fetchall())
        assert view.pace.worked == pytest.approx(0, abs=1e-9)
