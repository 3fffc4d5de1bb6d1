"""Whatever happened since a verification was interrupted: --resume says what reading everything again says."""

import os
import random
import signal
import time
from contextlib import contextmanager

import psycopg
import pytest

from fixtures.readers import reader
from rollproof.rows.scan_cache import FILE, ScanCache
from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations
from rollproof.throwaway.servers.provide import provide

GROUND = """
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE pair AS (a int, b int);
CREATE TABLE plain AS SELECT i, i::text AS t, i % 7 AS n FROM generate_series(1, 500) AS i;
CREATE TABLE large AS SELECT i, repeat('x', 300) AS t FROM generate_series(1, 6000) AS i; -- read in several parts
CREATE TABLE other AS SELECT i FROM generate_series(1, 9) AS i;
CREATE TABLE moods AS SELECT 'sad'::mood AS m;
CREATE TABLE pairs AS SELECT ROW(1, 2)::pair AS p;
CREATE TABLE named AS SELECT 'other'::regclass AS r;
ANALYZE;
"""
TABLES = 6

# What happens between, each as statements; of a session of its own where it begins with a setting.
CHANGES = {
    "nothing": "",
    "a row added": "INSERT INTO plain VALUES (0)",
    "a row changed": "UPDATE large SET t = 'y' WHERE i = 5999",
    "a row removed": "DELETE FROM plain WHERE i = 3",
    "as many rows, another": "DELETE FROM plain WHERE i = 3; INSERT INTO plain VALUES (1, '1', 1)",
    "counted by nobody": "SET track_counts = off; UPDATE plain SET t = 'z' WHERE i = 4",
    "counters reset": "UPDATE plain SET n = 8 WHERE i = 4; SELECT pg_stat_reset()",
    "a table's counters reset": "DELETE FROM plain WHERE i = 4; SELECT pg_stat_reset_single_table_counters('plain'::regclass)",
    "rolled back": "BEGIN; UPDATE plain SET t = 'z'; ROLLBACK",
    "in a savepoint": "BEGIN; SAVEPOINT s; UPDATE plain SET t = 'z' WHERE i = 9; RELEASE s; COMMIT",
    "emptied and filled": "BEGIN; CREATE TEMP TABLE k AS TABLE plain; TRUNCATE plain; INSERT INTO plain TABLE k; COMMIT",
    "emptied": "TRUNCATE plain",
    "written anew": "VACUUM FULL plain",
    "frozen": "UPDATE plain SET n = 9 WHERE i = 4; VACUUM FREEZE plain",
    "analysed": "ANALYZE",
    "a type and back": "ALTER TABLE plain ALTER n TYPE bigint; ALTER TABLE plain ALTER n TYPE int",
    "a column dropped and added": "ALTER TABLE plain DROP n; ALTER TABLE plain ADD n int DEFAULT 5",
    "a label renamed": "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
    "a field dropped and added": "ALTER TYPE pair DROP ATTRIBUTE a; ALTER TYPE pair ADD ATTRIBUTE a int",
    "a table renamed": "ALTER TABLE other RENAME TO another",
    "prepared": "BEGIN; UPDATE plain SET t = 'p' WHERE i = 7; PREPARE TRANSACTION 'p'; COMMIT PREPARED 'p'",
}


@pytest.fixture(scope="module")
def running(pytestconfig):
    where = pytestconfig.option.rollproof_server or os.environ.get("ROLLPROOF_SERVER") or "auto"
    options = {
        "autovacuum": "off",
        "max_prepared_transactions": "2",
        "wal_writer_delay": "10s",
        "synchronous_commit": "on",
    }
    server = provide(where if where == "auto" or where.startswith("local") else "embedded", options)
    yield server
    server.stop()


@pytest.fixture
def url(running):
    running.create("resumed")
    play(running.dsn("resumed"), GROUND)
    yield running.dsn("resumed")
    running.drop("resumed")


def play(url, script):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in filter(str.strip, script.split(";")):
            connection.execute(statement)


def crashed(running):
    """Kill a session: the server ends all, recovers, and goes on as the process it was."""
    with psycopg.connect(running.dsn("postgres")) as victim:
        os.kill(victim.info.backend_pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while True:
        try:
            with psycopg.connect(running.dsn("postgres")) as connection:
                connection.execute("SELECT 1")
                return
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.05)


RESTARTS = {
    "restarted": lambda running: running.cluster.pg_ctl("restart", "-m", "fast", "-w"),
    "restarted at once": lambda running: running.cluster.pg_ctl("restart", "-m", "immediate", "-w"),
    "crashed": crashed,
}


def read(url, file, *, resume):
    """Return the contents, and how many of them were not read again."""
    with reader(url, jobs=2) as view:
        contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
        kept = ScanCache(file, resume=resume)
        contents.keep_in(kept)
        found = {table: contents.of(table) for table in sorted(contents.tables)}
        return found, int(kept.notes[0].split()[1]) if kept.notes else 0


@contextmanager
def under_way(url, script):
    """Keep a transaction of somebody else's open; it is committed at the end."""
    with psycopg.connect(url) as connection:
        connection.execute(script)
        yield


def resumed_as_read(url, file):
    """Demand that both say the same, and return how many tables were not read again."""
    resumed, recalled = read(url, file, resume=True)

    assert resumed == read(url, file.with_suffix(".whole"), resume=False)[0]
    return recalled


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_the_resumed_run_says_what_a_whole_one_says(url, tmp_path, change):
    read(url, tmp_path / FILE, resume=False)
    play(url, CHANGES[change])

    recalled = resumed_as_read(url, tmp_path / FILE)
    assert recalled == TABLES if change == "nothing" else 0 < recalled < TABLES


@pytest.mark.parametrize("restart", RESTARTS)
def test_after_a_restart_everything_is_read_again(running, url, tmp_path, restart):
    """A server that crashed may give away once more the numbers of transactions that were lost."""
    play(url, "CREATE TABLE last AS SELECT 1 AS x")
    play(url, "SET synchronous_commit = off; INSERT INTO last VALUES (2)")
    read(url, tmp_path / FILE, resume=False)
    RESTARTS[restart](running)
    play(url, "INSERT INTO last VALUES (3)")

    assert resumed_as_read(url, tmp_path / FILE) == 0


@pytest.mark.parametrize(
    "script",
    [
        "UPDATE plain SET t = 'w' WHERE i = 8",
        "SAVEPOINT s; INSERT INTO plain VALUES (0); RELEASE s; DELETE FROM other WHERE i = 1",
    ],
)
def test_what_was_under_way_at_the_first_reading_counts_as_written_since(url, tmp_path, script):
    with under_way(url, script):
        play(url, "UPDATE other SET i = i + 100 WHERE i = 2")  # a later transaction that is finished before
        read(url, tmp_path / FILE, resume=False)

    assert 0 < resumed_as_read(url, tmp_path / FILE) < TABLES


def test_any_schedule_ends_alike(url, tmp_path):
    """The seed is told by the failure; a schedule stands for what nobody thought of."""
    chosen = random.Random(2026)  # noqa: S311 (a test's schedule)
    changes = [name for name in CHANGES if "renamed" not in name]
    for number in range(8):
        read(url, tmp_path / FILE, resume=False)
        drawn = [chosen.choice(changes) for _ in range(chosen.randint(1, 4))]
        for change in drawn:
            play(url, CHANGES[change])
        resumed, _ = read(url, tmp_path / FILE, resume=True)

        assert (number, drawn, resumed) == (number, drawn, read(url, tmp_path / "whole", resume=False)[0])
