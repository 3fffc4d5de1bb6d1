"""What a migration costs, against facts that the test makes: a lock of one second, a table written anew, 10 MB of WAL."""

import time

import psycopg
import pytest

from rollproof.rehearsal.costs.disk import Disk
from rollproof.rehearsal.costs.figures import Figures, Rewrite
from rollproof.rehearsal.costs.impatience import Impatience
from rollproof.rehearsal.costs.meter import measured
from rollproof.rehearsal.costs.rewriting import with_statements
from rollproof.rehearsal.proxy.sent import Sent
from rollproof.rehearsal.proxy.session import Statement

TABLES = """
CREATE TABLE locked (id int); CREATE TABLE "Re""written" (id int, v text); CREATE TABLE shared (id int);
CREATE TABLE indexed (id int); CREATE INDEX by_id ON indexed (id); CREATE TABLE idle (id int);
INSERT INTO "Re""written" SELECT g, repeat('x', 100) FROM generate_series(1, 20000) AS g;
CREATE MATERIALIZED VIEW seen AS SELECT * FROM locked;
"""
BATCHES = (
    (
        "ALTER TABLE locked ADD COLUMN more int",
        "SELECT pg_sleep(1)",
        "CREATE TABLE made (id int)",
        "ALTER TABLE made ADD v int",
    ),
    ('ALTER TABLE "Re""written" ALTER id TYPE bigint', "SELECT pg_sleep(0.25)"),
    ("CREATE INDEX ON shared (id)", "SELECT pg_sleep(0.3)"),
    ("REINDEX INDEX by_id", "SELECT pg_sleep(0.3)"),
    ("SET LOCAL work_mem = '64kB'", 'SELECT count(*) FROM (SELECT * FROM "Re""written" ORDER BY v, id DESC) AS sorted'),
    ("SELECT pg_logical_emit_message(false, 'rollproof', repeat('x', 10000000))",),
)


def filled(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLES)


def _run(url: str) -> float:
    """Run the batches, each in a transaction; return for how many seconds `locked` was locked, by the one that locked it."""
    held = 0.0
    with psycopg.connect(url) as connection:
        for batch in BATCHES:
            connection.execute(batch[0])
            began = time.monotonic()
            for statement in batch[1:]:
                connection.execute(statement)
            connection.commit()
            held = held or time.monotonic() - began
    return held


def _costs(url: str) -> tuple[Figures, float]:
    """Return what was measured of a run, and for how many seconds `locked` was locked."""
    with measured(url) as found:
        held = _run(url)
    assert found.figures is not None
    return found.figures, held


def _is_close(figures: Figures, held: float) -> bool:
    """Tell whether our watcher came in time everywhere; where the machine is busy it comes late, and tells less."""
    locks = {each.table: each for each in figures.locks}
    if len(locks) != 4:
        return False
    locked, shared, indexed = (locks[f"public.{name}"] for name in ("locked", "shared", "indexed"))
    long = (locked.held, locked.reader_waited, locked.writer_waited)
    return (*long, shared.writer_waited, indexed.reader_waited) == pytest.approx((held, held, held, 0.3, 0.3), abs=0.1)


@pytest.mark.promise
def test_what_a_migration_costs_is_measured(database_from):
    """Locks by mode and time, waits of real sessions, what was rewritten, WAL, temporary files and disk: no more than that."""
    for _ in range(5):
        figures, held = _costs(database_from(filled))
        if _is_close(figures, held):
            break
    assert figures.missing == ()
    locks = {lock.table: lock for lock in figures.locks}

    assert locks.keys() == {"public.locked", 'public."Re""written"', "public.shared", "public.indexed"}
    assert locks["public.locked"].mode == "ACCESS EXCLUSIVE"
    assert locks["public.locked"].held == pytest.approx(held, abs=0.1)
    assert locks["public.locked"].reader_waited == pytest.approx(held, abs=0.1)
    assert locks["public.locked"].writer_waited == pytest.approx(held, abs=0.1)
    assert figures.longest == locks["public.locked"]
    assert locks["public.shared"].mode == "SHARE"
    assert locks["public.shared"].reader_waited == 0
    assert locks["public.shared"].writer_waited == pytest.approx(0.3, abs=0.1)
    assert locks["public.indexed"].reader_waited == pytest.approx(0.3, abs=0.1), "who plans a query waits for the index"
    assert [each.table for each in figures.rewrites] == ['public."Re""written"']
    assert 10_000_000 < figures.wal_bytes < 30_000_000
    assert figures.temporary_bytes > 2_000_000
    assert figures.peak_disk_bytes > 2_000_000


@pytest.mark.promise
def test_a_migration_that_waits_for_no_lock_or_wants_to_be_alone_is_let_alone(database_from):
    """Nobody of ours stands in the way of NOWAIT; who ends all other sessions is measured by new ones."""
    tables = database_from(filled)
    take = "LOCK TABLE locked IN ACCESS EXCLUSIVE MODE NOWAIT"
    sent = Statement(1, 1, ord("Q"), take, (), 0.0, "idle")
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rollproof'"
    with measured(tables, sent=Impatience([sent])) as found, psycopg.connect(tables, autocommit=True) as connection:
        connection.execute(others)
        for _ in range(12):
            with connection.transaction():
                connection.execute(take)
                connection.execute("SELECT pg_sleep(0.08)")

    assert found.figures
    assert found.figures.missing == ()
    assert [(lock.table, lock.mode) for lock in found.figures.locks] == [("public.locked", "ACCESS EXCLUSIVE")]


def test_a_look_at_the_disk_that_was_ended_is_made_by_the_next_session(database_from):
    tables = database_from(filled)
    with psycopg.connect(tables, autocommit=True) as connection, psycopg.connect(tables, autocommit=True) as ended:
        (database,) = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        disk = Disk(ended, database)
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (ended.info.backend_pid,))
        disk.look()
        assert disk.connection.closed

        disk.connection = connection
        connection.execute("CREATE TABLE more AS SELECT repeat(i::text, 100) FROM generate_series(1, 10000) AS i")
        disk.look()

        assert disk.missing == {}
        assert disk.peak > 1_000_000


def test_a_rewritten_table_names_its_statements():
    """Those that failed, that name another table, or that cannot write a table anew are none."""
    texts = (
        'ALTER TABLE "Re""written" …',
        "ALTER TABLE written2 …",
        'UPDATE "Re""written" …',
        'ALTER TABLE "Re""written" failed',
    )
    sent = [Sent(number, 1, text, error="failed" * ("failed" in text)) for number, text in enumerate(texts, 1)]
    found = with_statements(Figures(rewrites=(Rewrite('public."Re""written"'),)), sent)

    assert [str(each) for each in found.rewrites] == ['public."Re""written" by statement 1']
