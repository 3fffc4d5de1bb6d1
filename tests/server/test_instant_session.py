"""The session that a user's own check asks by: on the instant that was read, unable to write, and gone without a trace."""

import psycopg
import psycopg.rows
import pytest

from fixtures.every import every
from fixtures.readers import execute, reader
from fixtures.waiting import within
from rollproof.model.errors import Inconclusive
from rollproof.server.instant_session import refusal, session_at

OURS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rollproof'"
WRITES = (
    "INSERT INTO public.t VALUES (2)",
    "WITH new AS (INSERT INTO public.t VALUES (2) RETURNING i) SELECT * FROM new",
    "EXPLAIN ANALYZE INSERT INTO public.t VALUES (2)",
    "CREATE TEMPORARY TABLE u (i int)",
    "SELECT i FROM public.t FOR UPDATE",
    "SELECT nextval('public.s')",
    "SET TRANSACTION READ WRITE",
    "SELECT set_config('transaction_read_only', 'off', true)",
    "SELECT 1; COMMIT; INSERT INTO public.t VALUES (2)",
    "COMMIT",
    "commit and chain",
    "/* /* /* /* */ */ */ */ COMMIT AND CHAIN",
    "ROLLBACK AND CHAIN",
    "END",
    "ABORT",
    "PREPARE TRANSACTION 'x'",
    "PREPARE x AS SELECT 1",
    "BEGIN READ WRITE",
    "DO $$ BEGIN COMMIT; END $$",
    "CALL public.p()",
    "COPY public.t FROM STDIN",
    "COPY public.t TO PROGRAM 'cat'",
    "LOCK TABLE public.t",
    "LISTEN x",
    "VACUUM",
)


@pytest.fixture
def filled(database):
    execute(
        database,
        "CREATE TABLE t (i int)",
        "INSERT INTO t VALUES (1)",
        "CREATE SEQUENCE s",
        "CREATE VIEW v AS SELECT i FROM t",
        "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; INSERT INTO public.t VALUES (9); END'",
    )
    return database


def rows(url):
    with psycopg.connect(url) as connection:
        return [i for (i,) in connection.execute("SELECT i FROM t ORDER BY i")]


def test_it_sees_the_instant_that_was_read_and_takes_what_psycopg_takes(filled):
    with reader(filled) as view:
        execute(filled, "INSERT INTO t VALUES (2)")
        with session_at(view) as subject:
            assert subject.execute("SELECT i FROM public.t WHERE i > %s", (0,)).fetchall() == [(1,)]
            assert subject.execute("SELECT i FROM public.v WHERE i = %(i)s", {"i": 1}, prepare=True).fetchall() == [
                (1,)
            ]
            assert subject.cursor(row_factory=psycopg.rows.dict_row).execute("(TABLE public.t)").fetchall() == [
                {"i": 1}
            ]
            with subject.cursor("named") as cursor:
                assert cursor.execute("SELECT i FROM public.t").fetchone() == (1,)
            with subject.cursor() as cursor, cursor.copy("COPY public.t TO STDOUT") as copy:
                assert b"".join(map(bytes, copy)) == b"1\n"
            with subject.transaction(), pytest.raises(psycopg.errors.UndefinedTable), subject.transaction():
                subject.execute("SELECT * FROM public.nothing")
            with pytest.raises(psycopg.errors.UndefinedTable):
                subject.execute("SELECT * FROM public.nothing")
            subject.rollback()
            subject.commit()
            assert subject.execute("SELECT i FROM public.t").fetchall() == [(1,)], "the instant is kept"
            assert subject.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)


@every("statement", WRITES)
def test_it_cannot_write_whatever_is_asked(statement, filled):
    with reader(filled) as view, session_at(view) as subject:
        with pytest.raises(psycopg.Error):
            subject.execute(statement)
        with pytest.raises(psycopg.Error):
            subject.execute("INSERT INTO public.t VALUES (2)")
    assert rows(filled) == [1]


def test_who_leaves_the_transaction_by_another_kind_of_cursor_has_no_session_any_more(filled):
    with reader(filled) as view, session_at(view) as subject:
        psycopg.ClientCursor(subject).execute("COMMIT")

        with pytest.raises(psycopg.OperationalError, match="closed"):
            psycopg.ClientCursor(subject).execute("INSERT INTO public.t VALUES (2)")
    assert rows(filled) == [1]


def test_nothing_of_it_is_left_when_it_ends(filled):
    with reader(filled, jobs=1) as view, psycopg.connect(filled, autocommit=True) as watcher:
        before = watcher.execute(OURS).fetchone()
        with session_at(view) as subject:
            subject.execute("SET search_path = public")
            subject.execute("SELECT pg_advisory_lock(1)")
            assert watcher.execute(OURS).fetchone() != before
        assert subject.closed
        within(10, lambda: watcher.execute(OURS).fetchone() == before)
        assert watcher.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)
        with session_at(view) as other:
            assert other.execute("SHOW search_path").fetchone() == ("",)


def test_an_instant_that_was_lost_is_inconclusive_and_never_another_one(filled):
    with reader(filled, jobs=1) as view:
        with psycopg.connect(filled, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'rollproof'"
            )
        view.ask(lambda connection: connection.execute(b"SELECT 1").fetchone())
        with pytest.raises(Inconclusive, match="the instant at which the database was read is lost"), session_at(view):
            pass


def test_what_may_be_sent_is_told_from_what_may_not():
    for statement in (
        "select 1",
        " -- first\n/* then */ WITH x AS (SELECT 1) TABLE x",
        "(VALUES (1))",
        "rollback to x",
        "",
    ):
        assert refusal(statement) is None, statement
    assert "`COMMIT` is refused" in refusal("-- /*\ncommit")
