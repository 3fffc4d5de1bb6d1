"""A server that is short of something: memory (the kernel kills a process of it), disk for a sort, sessions, locks."""

import os
import signal
import threading

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fixtures.readers import SCOPE, reader
from rollproof.model.errors import Inconclusive
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.throwaway.servers.server import fresh_name


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT i, repeat(i::text, 20) AS word FROM generate_series(1, 20000) AS i"
        )


def looking(url, **limits):
    return reader(url, **{"jobs": 1, **limits})


def slowly(connection):
    return connection.execute(b"SELECT count(*) FROM public.t WHERE i > 1 OR pg_sleep(1) IS NOT NULL").fetchone()[0]


@pytest.mark.promise
def test_a_process_of_the_server_that_the_kernel_kills_costs_an_instant_and_no_fact(server, database_from):
    """As when memory runs out: the server ends every session of everybody, recovers, and lets us in again."""
    if server.log is None:
        pytest.skip("the server is not on this machine, so none of its processes is ours to kill")
    url = database_from(filled)
    with looking(url) as view:
        begun = threading.Event()

        def ask(connection):
            begun.set()
            return slowly(connection)

        answer = view.submit(ask)
        assert begun.wait(30)
        os.kill(view.processes[0], signal.SIGKILL)

        assert answer.result() == 20000
        assert "2 instants" in view.notes[-1]


@pytest.mark.promise
def test_a_limit_of_the_server_is_inconclusive_with_the_way_out(database_from):
    url = database_from(filled)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {conninfo_to_dict(url)['dbname']} SET temp_file_limit = '64kB'")

    def sort(connection):
        connection.execute(b"SET LOCAL work_mem = '64kB'")
        connection.execute(
            b"SELECT count(w) FROM (SELECT word AS w FROM public.t ORDER BY md5(word) OFFSET 1) AS x"
        ).fetchone()

    with looking(url) as view, pytest.raises(Inconclusive, match=r"a limit of the server's was reached .* raise it"):
        view.ask(sort)


@pytest.mark.promise
def test_fewer_sessions_than_jobs_are_enough(database_from):
    """A role that may have two sessions: the one that holds the instant and one that reads."""
    url, role = database_from(filled), fresh_name()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'reader' CONNECTION LIMIT 2 IN ROLE pg_read_all_data")
        try:
            with looking(make_conninfo(url, user=role, password="reader"), jobs=4) as view:  # noqa: S106 (a throw-away server's)
                side = Live(view, SCOPE, "subject")
                assert side.snapshot.unknown == {}
                assert [side.known(facet, EVERYTHING).unknown for facet in CONTENT] == [{}, {}]
                assert "too many connections for role" in view.notes[0]
                assert view.instants == 1
        finally:
            admin.execute(f"DROP ROLE {role}")
