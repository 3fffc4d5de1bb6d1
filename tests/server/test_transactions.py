"""What our sessions on a server cannot do, whoever asks; how old their snapshot gets; what is left of a killed client."""

import subprocess
import sys
import time

import psycopg
import pytest

from fixtures.readers import SCOPE, reader
from fixtures.waiting import within
from rollproof.model.errors import Inconclusive
from rollproof.sources.live import Live

READ_ONLY, TOO_LATE = "25006", "25001"
FORBIDDEN = {
    "INSERT INTO public.t VALUES (1)": READ_ONLY,
    "SELECT i FROM public.t FOR UPDATE": READ_ONLY,
    "SELECT pg_catalog.nextval('public.s')": READ_ONLY,
    "SELECT pg_catalog.setval('public.s', 9)": READ_ONLY,
    "CREATE TABLE public.u (i int)": READ_ONLY,
    "CREATE TEMPORARY TABLE u (i int)": READ_ONLY,
    "CREATE MATERIALIZED VIEW public.v AS SELECT 1": READ_ONLY,
    "TRUNCATE public.t": READ_ONLY,
    "VACUUM public.t": TOO_LATE,
    "SET TRANSACTION READ WRITE": TOO_LATE,
    "SELECT pg_catalog.set_config('transaction_read_only', 'off', true)": TOO_LATE,
}
SLOW = "SELECT count(*) FROM public.t WHERE pg_sleep(3) IS NOT NULL"


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (i int); INSERT INTO t VALUES (1); CREATE SEQUENCE s")


def counters(url):
    """Return how often anything was written in this database, by the server's own count, after it has noted everything."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(
            "SELECT pg_stat_clear_snapshot(), sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del), (SELECT last_value FROM s),"
            " pg_snapshot_xmax(pg_current_snapshot()), (SELECT count(*) FROM pg_largeobject_metadata)"
            " FROM pg_stat_user_tables"
        ).fetchone()[1:]


def tried(url, statements):
    """Look at the whole database, and try these statements; return the SQLSTATE by which each was refused."""
    refused = {}
    with reader(url, jobs=1) as view:
        for statement in statements:
            with pytest.raises(Inconclusive) as told:
                view.ask(lambda connection, statement=statement: connection.execute(statement.encode()))
            refused[statement] = told.value.__cause__.sqlstate
        Live(view, SCOPE, "subject").complete()
    return refused


def test_a_superusers_transaction_of_ours_cannot_write(database_from, server):
    url = database_from(filled)
    forbidden = FORBIDDEN | ({"SELECT pg_catalog.lo_create(0)": READ_ONLY} if server.version >= 160000 else {})
    for _ in range(5):  # autovacuum takes numbers as well, but not each time
        before = counters(url)
        refused = tried(url, forbidden)
        if (after := counters(url)) == before:
            break

    assert refused == forbidden
    assert after == before, "no transaction of ours ever needed a number"


def test_a_snapshot_is_let_go_at_its_age_and_what_is_left_is_inconclusive(database_from):
    url = database_from(filled)
    held = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rollproof' AND backend_xmin IS NOT NULL"
    with reader(url, jobs=1, max_snapshot_age=1) as view, psycopg.connect(url, autocommit=True) as watcher:
        slow = view.submit(lambda connection: connection.execute(SLOW.encode()).fetchone())
        time.sleep(0.3)
        assert watcher.execute(held).fetchone()[0] > 0
        with pytest.raises(Inconclusive, match="--max-snapshot-age 1 s: raise that, or pass --several-snapshots"):
            slow.result()
        time.sleep(0.2)
        assert watcher.execute(held).fetchone()[0] == 0, "the server itself ended the session that held it"
        with pytest.raises(Inconclusive, match="as old as --max-snapshot-age allows"):
            view.ask(lambda connection: connection.execute(b"SELECT 1").fetchone())


def test_several_snapshots_go_on_where_one_is_too_old(database_from):
    quick = SLOW.replace("3", "0.6").encode()
    with reader(database_from(filled), jobs=1, max_snapshot_age=1, several_snapshots=True) as view:
        scans = [view.submit(lambda connection: connection.execute(quick).fetchone()) for _ in range(3)]

        assert [scan.result() for scan in scans] == [(1,)] * 3
        assert f"read at {view.instants} instants" in view.notes[-1]
        assert view.instants > 1


def test_a_killed_client_leaves_no_query(database_from):
    url = database_from(filled)
    program = (
        "import sys; from rollproof.server.reader import *; view = SnapshotReader(Target.parse(sys.argv[1]), Limits(jobs=2));"
        "slow = b'SELECT pg_catalog.pg_sleep(60)'; view.submit(lambda c: c.execute(slow)); view.ask(lambda c: c.execute(slow))"
    )
    running = subprocess.Popen([sys.executable, "-c", program, url])
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rollproof' AND query LIKE '%%' || %s"
    with psycopg.connect(url, autocommit=True) as watcher:
        within(20, lambda: watcher.execute(count, ("pg_sleep(60)",)).fetchone()[0] >= 2)
        running.kill()
        running.wait()
        within(3, lambda: not watcher.execute(count, ("",)).fetchone()[0])
