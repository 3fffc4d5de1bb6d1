"""A run that may take no longer, and one whose network is dead: it ends soon, with a verdict and with what it knows."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from fixtures.readers import SCOPE, reader
from fixtures.waiting import within
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.errors import Inconclusive
from rollproof.probes.endpoints.exchange import ask
from rollproof.settings.endpoint import Endpoint
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.system.deadline import Deadline

ROOT = Path(__file__).parents[2]
SOON = 20  # seconds: far more than it takes, far less than for ever; the machine may be busy
LONG = b"SELECT pg_catalog.pg_sleep(600)"
OURS = "FROM pg_stat_activity WHERE application_name LIKE 'rollproof%%' AND datname = current_database()"


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE a AS SELECT i FROM generate_series(1, 200) AS i")


def busy(view, count=2):
    """Have so many workers wait for an answer that does not come."""
    scans = [view.submit(lambda connection: connection.execute(LONG)) for _ in range(count)]
    within(SOON, lambda: sum(line.pgconn.transaction_status == 1 for line in view._opened) == count)  # noqa: SLF001
    return scans


@pytest.mark.promise
def test_at_the_deadline_scans_locks_endpoints_and_pg_dump_are_given_up(database_from):
    url = database_from(filled)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        psycopg.connect(url) as locker,
        psycopg.connect(url, autocommit=True) as watcher,
    ):
        locker.execute("LOCK a")
        deadline = Deadline(4)  # long enough for a busy machine to begin everything
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
    assert reasons == {str(deadline)}
    assert "--max-duration 4 s was reached" in str(deadline)
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
            if "\nchecked: " in done.stdout and done.returncode == 1:
                break
    assert (capture.returncode, (tmp_path / "c.json").exists()) == (7, False), capture.stderr
    assert "--max-duration 2 s was reached" in capture.stderr
    assert done.returncode == 1, done.stdout
    assert done.said.count(f"INCONCLUSIVE: --max-duration {seconds} s was reached") == 1
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
