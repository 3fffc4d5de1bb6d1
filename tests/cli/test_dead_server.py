"""A server that falls silent without a word: swallowed packets, a frozen pooler, a frozen process. Nothing waits for ever."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from fixtures.readers import reader
from fixtures.relay import Relay
from rollproof.catalog.capture import Scope
from rollproof.catalog.pg_dump import FACET as DUMP
from rollproof.model.errors import Inconclusive
from rollproof.probes.endpoints import ask
from rollproof.server.reader import Limits, SnapshotReader, Target
from rollproof.settings.endpoint import Endpoint
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.system.background import FROZEN
from rollproof.system.deadline import Deadline

ROOT = Path(__file__).parents[2]
SHORT = Limits(jobs=2, silence=1.5, heartbeat=0.25)
SOON = 20  # seconds: far more than it takes, far less than for ever; the machine may be busy
LONG = b"SELECT pg_catalog.pg_sleep(600)"
OURS = "FROM pg_stat_activity WHERE application_name LIKE 'rollproof%%' AND datname = current_database()"
SCOPE = Scope(("public",), "migration_backup", "public.migration_log")


@pytest.fixture
def relay(database_from):
    """What stands between us and the server of a database."""
    relay = Relay(database_from(filled), connect_timeout=2)
    yield relay
    relay.close()


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE a AS SELECT i FROM generate_series(1, 200) AS i")


def within(seconds, holds):
    """Wait until it holds, and return how long that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


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
        "import sys; from rollproof.server.reader import *; from rollproof.catalog.pg_dump import Dump;"
        "view = SnapshotReader(Target.parse(sys.argv[1]), Limits(lock_timeout=600));"
        "Dump(view, ['public'], frozenset(), None).begin().result()"
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


@pytest.mark.promise
def test_at_the_deadline_scans_locks_endpoints_and_pg_dump_are_given_up(database_from):
    url = database_from(filled)
    silent = socket.create_server(("127.0.0.1", 0))
    with psycopg.connect(url) as locker, psycopg.connect(url, autocommit=True) as watcher:
        locker.execute("LOCK a")
        deadline = Deadline(2)
        with reader(url, jobs=2, lock_timeout=600, deadline=deadline) as view:
            scan = view.submit(lambda connection: connection.execute(LONG))
            side = Live(view, SCOPE, "subject", dumped=True)
            reasons = {why for facet in CONTENT for why in side.known(facet, EVERYTHING).unknown.values()}
            reasons |= {side.unavailable(DUMP)}
            with pytest.raises(Inconclusive) as told:
                scan.result(SOON)
            reasons |= {str(told.value)}
            with pytest.raises(Inconclusive) as told:
                ask(Endpoint("slow", f"http://127.0.0.1:{silent.getsockname()[1]}/", max_seconds=600), deadline)
            reasons |= {str(told.value)}
            within(SOON, lambda: watcher.execute(f"SELECT count(*) {OURS} AND state <> 'idle'").fetchone() == (0,))
    silent.close()
    assert reasons == {str(deadline)}
    assert "--max-duration 2 s was reached" in str(deadline)
    assert deadline.left > -SOON


@pytest.mark.promise
def test_a_run_ends_soon_after_its_limit_and_keeps_what_it_knows(command, database_from, tmp_path):
    """It has failed already, so it is NOT RESTORED (1); capture, which knows nothing yet, is INCONCLUSIVE (7), writes nothing."""
    url = database_from(filled)
    where = ["--database-url", url]
    assert command(tmp_path, "capture", *where, "--output", "b.json").returncode == 0
    waits = ("--lock-timeout", "3600", "--max-duration")
    with psycopg.connect(url, autocommit=True) as admin, psycopg.connect(url) as locker:
        admin.execute("CREATE VIEW left_behind AS SELECT 1 AS one")
        locker.execute("LOCK a")
        capture = command(tmp_path, "capture", *where, "--output", "c.json", *waits, "2", timeout=60)
        for seconds in ("5", "25"):  # a busy machine may need more until the first case
            done = command(tmp_path, "verify", *where, "--reference", "b.json", *waits, seconds, timeout=90)
            if "no case was run" not in done.stdout and done.returncode == 1:
                break
    assert (capture.returncode, (tmp_path / "c.json").exists()) == (7, False), capture.stderr
    assert "--max-duration 2 s was reached" in capture.stderr
    assert done.returncode == 1, done.stdout
    assert done.stdout.count(f"INCONCLUSIVE: --max-duration {seconds} s was reached") == 1
    result = json.loads((tmp_path / "rollproof-report" / "result.json").read_text())
    assert result["verdict"] == "NOT RESTORED"
    assert {case["kind"] for case in result["outcomes"] if case["check"] == "pg_dump"} == {"inconclusive"}


def may_have_a_network():
    user = [] if os.geteuid() == 0 else ["--map-current-user", "--keep-caps"]
    tried = ["unshare", "--net", *user, "sh", "-c", "ip link set lo up && nft list ruleset"]
    known = shutil.which("unshare") and shutil.which("nft", path=os.environ.get("PATH", "") + ":/usr/sbin")
    return bool(known) and subprocess.run(tried, check=False, capture_output=True).returncode == 0


WORST = ("network",)
EVERY = os.environ.get("ROLLPROOF_DEAD_NETWORK") == "all"
ALL = (
    *WORST,
    "SIGTERM",
    "SIGSTOP",
    "kill -9",
    "network, server to client",
    "network, client to server",
    "server frozen",
)


@pytest.mark.promise
@pytest.mark.skipif(not may_have_a_network(), reason="no nft, or the kernel gives us no network of our own")
@pytest.mark.parametrize("case", ALL if EVERY else WORST)
def test_a_dead_network_leaves_nothing_on_the_server_and_a_verdict_here(case):
    """Packets are swallowed by the kernel, with no word to either end; ROLLPROOF_DEAD_NETWORK=all tries every end of a run."""
    program = [sys.executable, "benchmarks/freedom.py", "--silence", "3", "--case", case, "--json"]
    told = subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True, timeout=200).stdout
    seen = json.loads(told.splitlines()[-1])

    assert seen["snapshot"] < SOON
    assert {state for state, _ in seen.get("left", ())} <= {"idle", "idle in transaction (aborted)"}, (
        "what is left holds nothing"
    )
    assert seen["exit"] == {"SIGTERM": 143, "kill -9": -9}.get(case, 7)
    assert seen["reports"] == (case != "kill -9")
