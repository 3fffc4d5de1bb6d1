"""A primary and its standby: a whole verification there, conflicts with recovery, lag that makes scans wait, restarts."""

import threading
import time

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

import rollproof
from fixtures.readers import SCOPE, reader, subject
from fixtures.waiting import within
from rollproof.model.errors import Inconclusive
from rollproof.probes.state_backup import StateBackup
from rollproof.rows.scan_cache import ScanCache
from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations
from rollproof.server import connection
from rollproof.server.instant_session import session_at
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.throwaway.servers.provide import provide


@pytest.fixture(scope="module")
def pair():
    """A primary and its standby, which gives way to nobody's query for longer than 100 ms."""
    primary = provide("embedded", {"autovacuum": "off", "synchronous_commit": "on", "wal_writer_delay": "10ms"})
    try:
        standby = primary.standby({"max_standby_streaming_delay": "100ms", "wal_receiver_status_interval": "1s"})
        yield primary, standby
    finally:
        primary.stop()


@pytest.fixture
def urls(pair):
    """The same database on both, by URL."""
    primary, standby = pair
    name = f"shop_{time.monotonic_ns()}"
    primary.create(name)
    with psycopg.connect(primary.dsn(name), autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT i, i::text AS word FROM generate_series(1, 2000) AS i")
    caught_up(primary, standby)
    return primary.dsn(name), standby.dsn(name)


def caught_up(primary, standby):
    with (
        psycopg.connect(primary.dsn("postgres"), autocommit=True) as ahead,
        psycopg.connect(standby.dsn("postgres"), autocommit=True) as behind,
    ):
        (wanted,) = ahead.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
        within(20, lambda: behind.execute("SELECT pg_last_wal_replay_lsn() >= %s", (wanted,)).fetchone()[0])


def pid(connection):
    """Ask the least there is to ask."""
    return connection.execute(b"SELECT pg_backend_pid()").fetchone()[0]


def slowly(connection):
    """Read a table, and keep on reading it for a second."""
    return connection.execute(b"SELECT count(*) FROM public.t WHERE i > 1 OR pg_sleep(1) IS NOT NULL").fetchone()[0]


def test_a_block_is_not_verified_on_a_standby(urls):
    """What the block does arrives there later; until then everything looks unchanged."""
    with pytest.raises(rollproof.Misuse, match="is a standby: it shows what the block does only later"):
        rollproof.unchanged(urls[1]).__enter__()


def test_a_standby_tells_the_same_facts_as_its_primary(urls):
    told = []
    for url in urls:
        with reader(url) as view:
            side = Live(view, SCOPE, "subject")
            told.append((side.snapshot.facets, [side.known(facet, EVERYTHING) for facet in CONTENT], view.notes))

    assert told[0] == told[1]


def test_a_users_own_questions_are_answered_on_a_standby(urls):
    with reader(urls[1], jobs=1) as view, session_at(view) as subject:
        assert subject.execute("SELECT count(*) FROM public.t WHERE i > %s", (0,)).fetchone() == (2000,)


def reading(url, disturb, times, **limits):
    """Have a slow question disturbed so many times while it is read; return its answer and what the view had to note."""
    with reader(url, jobs=1, **limits) as view:
        begun = [threading.Event() for _ in range(times + 1)]
        tries = iter(begun)

        def ask(connection):
            next(tries).set()
            return slowly(connection)

        answer = view.submit(ask)
        for disturbed in begun[:times]:
            assert disturbed.wait(30)
            time.sleep(0.2)
            disturb()
        return answer.result(), view.notes


def vacuumed(primary_url):
    """Have the primary remove row versions that an older snapshot needs."""
    with psycopg.connect(primary_url, autocommit=True) as connection:
        connection.execute("UPDATE t SET word = word || '.'")
        connection.execute("VACUUM t")


def test_a_conflict_with_recovery_is_met_once_with_a_new_snapshot_then_with_advice(urls):
    primary, standby = urls

    rows, notes = reading(standby, lambda: vacuumed(primary), 1)
    assert rows == 2000
    assert "2 instants" in notes[-1]
    with pytest.raises(Inconclusive, match="hot_standby_feedback"):
        reading(standby, lambda: vacuumed(primary), 2)


def test_scans_wait_while_a_replica_lags_and_give_up_when_their_budget_ends(pair, urls):
    primary, standby = urls
    with psycopg.connect(standby, autocommit=True) as replica, psycopg.connect(primary, autocommit=True) as writer:

        def fall_behind():
            replica.execute("SELECT pg_wal_replay_pause()")
            for _ in range(4):
                writer.execute("INSERT INTO t VALUES (0, '')")
                time.sleep(0.3)

        for url in urls:
            fall_behind()
            with reader(url, jobs=2, max_replica_lag=0.5, max_pause=60) as view:
                told = []
                view.tell = told.append
                scan = view.submit(pid, patient=True)
                assert view.ask(pid), "what is no scan need not wait"
                time.sleep(0.5)
                assert "s behind, more than --max-replica-lag 0.5" in told[0]
                assert not scan.done()
                replica.execute("SELECT pg_wal_replay_resume()")
                assert scan.result(30)
                assert "resumed" in view.notes[-1]
            caught_up(*pair)

        fall_behind()
        with (
            reader(primary, max_replica_lag=0.5, max_pause=0.5) as view,
            pytest.raises(Inconclusive, match="--max-pause"),
        ):
            view.submit(pid, patient=True).result()
        replica.execute("SELECT pg_wal_replay_resume()")


def test_scans_wait_while_too_many_others_work(urls):
    with reader(urls[0], max_active_sessions=1, max_pause=60) as view, psycopg.connect(urls[0]) as one:
        assert view.submit(pid, patient=True).result(), "as many as allowed"
        with psycopg.connect(urls[0]) as two:
            busy = [threading.Thread(target=each.execute, args=("SELECT pg_sleep(1.5)",)) for each in (one, two)]
            for session in busy:
                session.start()
            time.sleep(0.3)
            assert view.submit(pid, patient=True).result()
            assert "2 other sessions are active" in view.notes[0]
            for session in busy:
                session.join()


def test_a_limit_that_the_role_cannot_see_is_inconclusive_with_the_grant(urls):
    with psycopg.connect(urls[0], autocommit=True) as admin, psycopg.connect(urls[0]) as other:
        other.execute("SELECT 1")
        admin.execute("DROP ROLE IF EXISTS guest")
        admin.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    guest = make_conninfo(urls[0], user="guest", password="guest")  # noqa: S106 (of a throw-away server)
    for limit in ({"max_replica_lag": 1}, {"max_active_sessions": 50}):
        with reader(guest, **limit) as view, pytest.raises(Inconclusive, match="GRANT pg_monitor TO guest"):
            view.submit(pid, patient=True).result()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
@pytest.mark.parametrize("which", [0, 1], ids=["primary", "standby"])
def test_a_restart_during_a_scan_is_another_instant(which, mode, pair, urls):
    rows, notes = reading(urls[which], lambda: pair[which].cluster.pg_ctl("restart", "-m", mode, "-w"), 1)

    assert rows == 2000
    assert "2 instants" in notes[-1]


@pytest.mark.parametrize("later", ["COMMIT", "ROLLBACK"])
def test_a_resumed_run_on_a_standby_reads_again_what_was_replayed_since(pair, urls, tmp_path, later):
    """Its snapshots do not name the transactions that were under way when they were taken."""
    primary, standby = pair

    def read(file, *, resume):
        with reader(urls[1]) as view:
            contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
            kept = ScanCache(tmp_path / file, resume=resume)
            contents.keep_in(kept)
            return contents.of("public.t"), bool(kept.notes)

    with (
        psycopg.connect(urls[0]) as oldest,
        psycopg.connect(urls[0]) as writer,
        psycopg.connect(urls[0], autocommit=True) as other,
    ):
        oldest.execute("SELECT pg_current_xact_id()")
        writer.execute("UPDATE t SET word = 'under way' WHERE i = 1")
        other.execute("SELECT pg_current_xact_id()")  # later, and finished before
        caught_up(primary, standby)
        read("kept", resume=False)
        writer.execute(later)
        caught_up(primary, standby)
        resumed, recalled = read("kept", resume=True)

    assert resumed == read("anew", resume=False)[0]
    assert recalled == (later == "ROLLBACK")


def test_a_repair_is_made_and_proven_on_a_standby_and_run_on_its_primary(pair, urls, command, tmp_path):
    assert command(tmp_path, "capture", "--database-url", urls[1]).returncode == 0
    with psycopg.connect(urls[0], autocommit=True) as other:
        other.execute("ALTER TABLE t ALTER i SET NOT NULL")
    caught_up(*pair)

    script = command(tmp_path, "repair", "--prove", "--server", "embedded", "--database-url", urls[1])

    assert script.returncode == 0, script.output
    assert "heals 1 of 1 difference." in script.stdout
    with (
        psycopg.connect(urls[1], autocommit=True) as behind,
        pytest.raises(psycopg.Error, match="cannot set transaction read-write mode during recovery"),
    ):
        behind.execute(script.stdout)
    with psycopg.connect(urls[0], autocommit=True) as ahead:
        ahead.execute(script.stdout)
    assert command(tmp_path, "repair", "--database-url", urls[0]).stdout.startswith("-- every definition")


def test_the_state_before_a_rollback_can_be_dumped_from_it(urls, tmp_path):
    with subject(urls[1]) as live:
        made = StateBackup(live, tmp_path, lambda _: None)

        assert [*made.findings()] == []
        assert made.dump.rows == 2000


# The last one here: it stops the standby that all others share.
def test_a_server_that_does_not_come_back_is_inconclusive(pair, urls, monkeypatch):
    monkeypatch.setattr(connection, "RESTART_SECONDS", 1)
    with pytest.raises(Inconclusive, match="cannot connect"):
        reading(urls[1], lambda: pair[1].cluster.pg_ctl("stop", "-m", "fast"), 1)
