"""The figures of a database, as sessions that are really there make them."""

import threading
import time

import psycopg
import pytest

from rollproof.probes.database_figures import figures
from rollproof.server.connection import Target, connect
from rollproof.throwaway.servers.server import fresh_name


@pytest.fixture
def url(server):
    name = fresh_name()
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (id int)")
    yield server.dsn(name)
    server.drop(name)


def asked(url):
    with connect(Target.parse(url)) as connection:
        return figures(connection)


def test_a_quiet_database_has_nobody_in_it(url):
    seen = asked(url)

    assert (seen.transaction, seen.idle_in_transaction, seen.lock_wait, seen.waiting, seen.hidden) == (
        None,
        None,
        None,
        0,
        0,
    )
    assert 0 < seen.connections < seen.limit


def test_who_idles_and_who_waits_is_seen(url):
    with psycopg.connect(url) as holder, psycopg.connect(url) as waiter:
        holder.execute("LOCK TABLE orders")
        waiting = threading.Thread(target=waiter.execute, args=("SELECT FROM orders",))
        waiting.start()
        end = time.monotonic() + 20
        while not (seen := asked(url)).lock_wait and time.monotonic() < end:
            time.sleep(0.02)
        holder.rollback()
        waiting.join()

    assert seen.waiting == 1
    assert 0 < seen.lock_wait <= seen.transaction + 1  # each is of its own moment
    assert seen.idle_in_transaction > 0


def test_what_was_rolled_back_is_counted(url):
    before = asked(url)
    with psycopg.connect(url) as other:
        for _ in range(3):
            other.execute("SELECT 1")
            other.rollback()
    end = time.monotonic() + 20
    while (after := asked(url)).rolled_back < before.rolled_back + 3 and time.monotonic() < end:
        time.sleep(0.05)

    assert after.rolled_back >= before.rolled_back + 3


def test_times_that_are_hidden_from_a_role_are_said_to_be(url):
    role = fresh_name()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'change-me'")
        try:
            with psycopg.connect(url) as other:
                other.execute("SELECT 1")
                parts = {**Target.parse(url).parameters, "user": role, "password": "change-me"}
                seen = asked(psycopg.conninfo.make_conninfo(**parts))
        finally:
            admin.execute(f"DROP ROLE {role}")

    assert (seen.hidden, seen.transaction) == (2, None)
