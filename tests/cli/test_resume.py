"""An interrupted verification goes on where it ended, and says so. PostgreSQL's counters are the witness."""

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from fixtures.readers import reader
from rollproof.rows.scan_cache import FILE, ScanCache
from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations

TABLES = 20
FILLED = "".join(
    f"CREATE TABLE t{number:02} AS SELECT i, repeat('x', 500) AS filler FROM generate_series(1, 3000) i; ANALYZE t{number:02};"
    for number in range(TABLES)
)

# What a run does, until it is killed.
READER = """
import sys
from pathlib import Path
from rollproof.rows.scanner import Scanner
from rollproof.rows.scan_cache import ScanCache
from rollproof.rows.tables import relations
from rollproof.server.reader import Limits, Target, SnapshotReader

view = SnapshotReader(Target.parse(sys.argv[1]), Limits(jobs=1))
contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
contents.keep_in(ScanCache(Path(sys.argv[2]), resume=False))
for table in sorted(contents.tables):
    contents.of(table)
"""


def tables(url):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in FILLED.split(";")[:-1]:
            connection.execute(statement)


def scans(url):
    """Return how often each table was scanned, as the server counts; it may take a second to tell."""
    with psycopg.connect(url, autocommit=True) as connection:
        return dict(connection.execute("SELECT relname, seq_scan FROM pg_stat_user_tables").fetchall())


@pytest.fixture
def interrupted(database_from, tmp_path):
    """A database, and what a run kept that was killed after 12 of its 20 tables."""
    url, file = database_from(tables), tmp_path / FILE
    command = [sys.executable, "-c", READER, url, str(file)]
    # Locked, the other tables cannot be read ahead.
    with psycopg.connect(url) as other:
        other.execute(f"LOCK TABLE {', '.join(f't{number}' for number in range(12, TABLES))}")
        root = Path(__file__).parents[2]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=root)
        while not file.exists() or len(file.read_bytes().splitlines()) < 12:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        process.wait()
    return url, file


def read(url, file, *, resume):
    view = reader(url, jobs=1)
    try:
        contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
        kept = ScanCache(file, resume=resume)
        contents.keep_in(kept)
        return {table: contents.of(table) for table in sorted(contents.tables)}, kept
    finally:
        view.close()


def counted(url, before, expected):
    """Return the tables that were scanned since, waiting a little for the server to have counted them."""
    deadline = time.monotonic() + 5
    while True:
        now = scans(url)
        found = sorted(name for name in now if now[name] > before[name])
        if len(found) >= expected or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def test_what_a_killed_run_had_read_is_not_read_again(interrupted):
    url, file = interrupted
    time.sleep(1.1)  # so that the killed run's scans are counted
    before = scans(url)
    resumed, kept = read(url, file, resume=True)

    assert counted(url, before, 8) == [f"t{number}" for number in range(12, TABLES)]
    assert "12 tables were not read again" in kept.notes[0]
    assert "several instants" in kept.notes[0]
    again, kept = read(url, file, resume=False)
    assert resumed == again
    assert kept.notes == ()


@pytest.mark.parametrize("change", ["INSERT INTO t03 VALUES (0)", "TRUNCATE t03"])
def test_a_table_that_may_have_changed_since_is_read_again(interrupted, change):
    url, file = interrupted
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(change)
    time.sleep(1.1)
    resumed, kept = read(url, file, resume=True)

    assert "11 tables were not read again" in kept.notes[0]
    assert resumed == read(url, file, resume=False)[0]


def test_a_line_that_was_cut_short_is_not_believed(interrupted):
    url, file = interrupted
    file.write_bytes(file.read_bytes()[:-30])

    assert "11 tables were not read again" in read(url, file, resume=True)[1].notes[0]


def test_another_database_is_never_taken_for_the_one_that_was_interrupted(interrupted, database_from):
    _, file = interrupted

    assert read(database_from(tables), file, resume=True)[1].notes == ()


def test_the_command_line_keeps_nothing_after_a_verification_that_ended_well(command, database_from, tmp_path):
    url = database_from(tables)
    assert command(tmp_path, "capture", "--database-url", url).returncode == 0
    verify = ("verify", "--database-url", url, "-m", "post_rollback and content")
    kept = tmp_path / "rollproof-report" / FILE

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM t00 WHERE i = 1")
    failed = command(tmp_path, *verify)
    assert failed.returncode == 1, failed.stdout
    assert len(kept.read_bytes().splitlines()) == TABLES
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO t00 SELECT 1, repeat('x', 500)")
    time.sleep(1.1)
    resumed = command(tmp_path, *verify, "--resume")
    assert resumed.returncode == 0, resumed.stdout
    assert f"{TABLES - 1} tables were not read again" in (tmp_path / "rollproof-report/summary.md").read_text()
    assert not kept.exists()
