"""A server that falls silent without a word: swallowed packets, a frozen pooler, a frozen process. Nothing waits for ever."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from fixtures.readers import SCOPE, reader
from fixtures.relay import Relay
from fixtures.waiting import within
from rollproof.model.errors import Inconclusive
from rollproof.server.reader import Limits, SnapshotReader, Target
from rollproof.sources.live import Live
from rollproof.system.background import FROZEN

ROOT = Path(__file__).parents[2]
SHORT = Limits(jobs=2, silence=1.5, heartbeat=0.25)
SOON = 20  # seconds: far more than it takes, far less than for ever; the machine may be busy
LONG = b"SELECT pg_catalog.pg_sleep(600)"
OURS = "FROM pg_stat_activity WHERE application_name LIKE 'rollproof%%' AND datname = current_database()"


@pytest.fixture
def relay(database_from):
    """What stands between us and the server of a database."""
    relay = Relay(database_from(filled), connect_timeout=2)
    yield relay
    relay.close()


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE a AS SELECT i FROM generate_series(1, 200) AS i")


def busy(view, count=2):
    """Have so many workers wait for an answer that does not come."""
    scans = [view.submit(lambda connection: connection.execute(LONG)) for _ in range(count)]
    within(SOON, lambda: sum(line.pgconn.transaction_status == 1 for line in view._opened) == count)  # noqa: SLF001
    return scans


@pytest.mark.promise
def test_a_line_that_dies_in_a_scan_is_told_and_ends_and_so_does_close(relay):
    told = []
    with SnapshotReader(Target.parse(relay.url), SHORT, told.append) as view:
        scans = busy(view)
        relay.frozen.set()
        began = time.monotonic()
        for scan in scans:
            with pytest.raises(Inconclusive, match=FROZEN):
                scan.result(SOON)
        assert time.monotonic() - began < SOON
    assert any(f"no answer from {view.target} for" in text and "giving up at" in text for text in told)


@pytest.mark.promise
def test_a_line_that_dies_between_catalogue_questions_leaves_no_fact_untold(relay):
    with SnapshotReader(Target.parse(relay.url), SHORT) as view:
        scopes = view.ask(SCOPE.names)
        relay.frozen.set()
        began = time.monotonic()
        with pytest.raises(Inconclusive, match=FROZEN):
            Live(view, SCOPE, "subject")
    assert scopes == ["public"]
    assert time.monotonic() - began < SOON


@pytest.mark.promise
def test_to_close_takes_seconds_when_nobody_answers(relay):
    view = reader(relay.url, jobs=2)
    scans = busy(view)
    relay.frozen.set()
    began = time.monotonic()
    view.close()

    assert time.monotonic() - began < 10
    assert all(isinstance(scan.exception(SOON), Inconclusive) for scan in scans)


DOES = {
    "connecting": "view = SnapshotReader(Target.parse(url), Limits())",
    "scanning": "view = SnapshotReader(Target.parse(url), Limits()); say(); view.ask(lambda c: c.execute(b'SELECT pg_sleep(600)'))",
    "closing": "view = SnapshotReader(Target.parse(url), Limits()); say();"
    " view.submit(lambda c: c.execute(b'SELECT pg_sleep(600)'));"
    "time.sleep(3); view.close()",
}


@pytest.mark.promise
@pytest.mark.parametrize("does", DOES)
def test_a_signal_ends_whoever_waits_for_a_dead_server(relay, does):
    program = (
        "import sys, time; from rollproof.server.reader import *; url = sys.argv[1]\n"
        "def say(): print('there', flush=True)\n"
        "if sys.argv[2] == 'connecting': say()\n"
    ) + DOES[does]
    url = relay.url.replace("connect_timeout=2", "connect_timeout=600") if does == "connecting" else relay.url
    if does == "connecting":
        relay.frozen.set()
    running = subprocess.Popen(
        [sys.executable, "-c", program, url, does], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    assert running.stdout.readline()
    time.sleep(0.5)
    relay.frozen.set()
    running.send_signal(signal.SIGINT)
    began = time.monotonic()
    try:
        running.wait(SOON)
    finally:
        running.kill()
        running.stdout.close()
    assert time.monotonic() - began < SOON


@pytest.mark.promise
def test_a_heartbeat_keeps_what_the_server_would_end(database_from):
    url = database_from(filled)
    with SnapshotReader(Target.parse(url), SHORT) as view:
        time.sleep(2 * SHORT.silence)
        assert view.ask(lambda connection: connection.execute(b"SELECT 1").fetchone()) == (1,)
        assert (view.instants, view.notes) == (1, ())


@pytest.mark.promise
def test_a_client_that_stands_still_holds_no_snapshot_and_goes_on_with_another(database_from):
    url = database_from(filled)
    program = (
        "import sys; from rollproof.server.reader import *;"
        "view = SnapshotReader(Target.parse(sys.argv[1]), Limits(jobs=1, silence=1.5, heartbeat=0.2)); print('there', flush=True);"
        "sys.stdin.readline(); print(view.ask(lambda c: c.execute(b'SELECT 1').fetchone()), view.notes, flush=True)"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", program, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert running.stdout.readline() == "there\n"
        with psycopg.connect(url, autocommit=True) as watcher:
            running.send_signal(signal.SIGSTOP)
            within(SOON, lambda: watcher.execute(f"SELECT count(backend_xmin) {OURS}").fetchone() == (0,))
        running.send_signal(signal.SIGCONT)
        told, _ = running.communicate("go on\n", SOON)
    finally:
        running.kill()
    assert "was read at 2 instants" in told


@pytest.mark.promise
def test_a_frozen_process_of_the_server_is_noticed_also_when_the_others_live(database_from):
    """The one that holds the snapshot gives no sign of life; one that reads is over its time, which it would have noticed."""
    url = database_from(filled)
    limits = Limits(jobs=1, silence=1, heartbeat=0.2, statement_timeout=1)
    with SnapshotReader(Target.parse(url), limits) as view:
        with standing_still(view.processes[-1]):
            within(SOON, lambda: FROZEN in view._instants._dead())  # noqa: SLF001
            assert view.ask(lambda connection: connection.execute(b"SELECT 1").fetchone()) == (1,)
        assert "2 instants" in view.notes[-1]
        scan = busy(view, 1)[0]
        with standing_still(view._opened[-1].info.backend_pid), pytest.raises(Inconclusive):  # noqa: SLF001
            scan.result(SOON)


@contextmanager
def standing_still(process):
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@pytest.mark.promise
def test_pg_dump_goes_when_we_are_killed(database_from):
    url = database_from(filled)
    program = (
        "import sys; from rollproof.server.reader import *; from rollproof.catalog.pg_dump import PgDump;"
        "view = SnapshotReader(Target.parse(sys.argv[1]), Limits(lock_timeout=600));"
        "PgDump(view, ['public'], frozenset(), None).begin().result()"
    )
    dumping = f"SELECT count(*) {OURS} AND application_name = 'rollproof pg_dump' AND wait_event_type = 'Lock'"
    with psycopg.connect(url) as locker, psycopg.connect(url, autocommit=True) as watcher:
        locker.execute("LOCK a")
        running = subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT)
        try:
            within(SOON, lambda: watcher.execute(dumping).fetchone() == (1,))
        finally:
            running.kill()
            running.wait()
        within(SOON, lambda: watcher.execute(f"SELECT count(*) {OURS}").fetchone() == (0,))
