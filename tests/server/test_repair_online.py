"""`--online`: the script comes to the same, and nobody who writes waits longer than the script itself would wait."""

import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from fixtures.readers import complete
from rollproof.commands.prepare import prepare
from rollproof.commands.repair_request import RepairRequest
from rollproof.commands.repair_script import script
from rollproof.commands.request import Request
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.sources.recorded import Recorded
from rollproof.system.deadline import Deadline
from rollproof.throwaway.psql import Psql
from rollproof.verdict.repairs import Repairs

BASE = Path(__file__).parents[1] / "data" / "mutations" / "base.sql"
ONLINE = RepairRequest(online=True, drop_leftovers=True)
DAMAGE = """
ALTER TABLE orders DROP CONSTRAINT orders_user, DROP CONSTRAINT orders_place, ALTER user_id DROP NOT NULL;
ALTER TABLE users DROP CONSTRAINT users_pkey, DROP CONSTRAINT users_score, DROP CONSTRAINT users_email;
DROP INDEX orders_user_id, users_name, tops_id;
CREATE INDEX users_name ON users (name);
CREATE INDEX left_over ON orders (note);
ALTER TABLE app.log DROP CONSTRAINT log_pkey CASCADE;
ALTER TABLE app.animals DROP CONSTRAINT named
"""
WAITS = 5  # seconds: lock_timeout in a script
OLDER = 2.0  # seconds for which an older transaction that wrote to the table is still open


@pytest.fixture
def damaged(database_from, server):
    """A database with rows that is not as its baseline says, and what repairs it: its URL, its baseline, and psql."""
    url = database_from(BASE)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP PUBLICATION news")  # it lets nobody update a table without a key
        connection.execute(
            "INSERT INTO users (email, name, score) SELECT n || '@x', 'n', 5 FROM generate_series(1, 50) AS n"
        )
        connection.execute(
            "INSERT INTO orders (user_id, note, place) SELECT n, 'x', n FROM generate_series(1, 50) AS n"
        )
        before = Recorded(complete(url), "baseline.json")
        connection.execute(DAMAGE.encode())
        yield url, before, Psql(server, server.dsn(connection.info.dbname), Deadline(120))


@contextmanager
def sides(url, before):
    with ExitStack() as keep:
        settings = Settings(database_url=url, allow_empty=True)
        yield prepare(Request(Configured(settings, None), DEFAULT_PHASE, {}, baseline=before), keep).sides


def written(url, before):
    with sides(url, before) as opened:
        return script(opened, ONLINE)


class Writer:
    """A session that writes a row to each table again and again, and remembers how long the slowest took."""

    def __init__(self, url):
        self.url, self.slowest, self.times, self.error = url, 0.0, 0, None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def _write(self):
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                while not self._done.wait(0.01):
                    began = time.monotonic()
                    connection.execute(
                        "UPDATE orders SET note = 'y' WHERE place = 3; UPDATE users SET name = 'm' WHERE id = 3"
                    )
                    self.slowest, self.times = max(self.slowest, time.monotonic() - began), self.times + 1
        except psycopg.Error as error:
            self.error = error

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()


@contextmanager
def older_transaction(url):
    """Hold a transaction open that wrote to both tables, for a while."""
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO orders (user_id) VALUES (4); INSERT INTO users (email) VALUES ('z')")
        ends = threading.Timer(OLDER, connection.rollback)
        ends.start()
        yield
        ends.join()


def test_who_writes_goes_on_and_all_is_as_it_was(damaged):
    url, before, psql = damaged
    lines = written(url, before)
    with Writer(url) as writer, older_transaction(url):
        ran = psql.run("\n".join(lines), is_strict=True)

    assert ran.said == ""
    assert writer.error is None
    assert writer.times > 30
    assert writer.slowest < WAITS
    with sides(url, before) as opened:
        assert [
            (each.facet, each.identity) for each in Repairs(opened.before, opened.after, opened.accepted).differences
        ] == []


def test_nothing_that_reads_a_whole_table_holds_a_lock_that_writers_wait_for(damaged):
    """Each lock is told in a comment; what can be done online only without one would be called so."""
    lines = written(*damaged[:2])

    locks = [line for line in lines if line.startswith("-- ") and " on " in line and "EXCLUSIVE" in line]
    assert [
        line for line in locks if "reads" in line and "SHARE UPDATE" not in line and "unless a valid check" not in line
    ] == []
    assert [line for line in lines if "not online" in line] == []
    assert [line for line in lines if "CONCURRENTLY" in line and "if this fails" not in line] != []


def test_a_build_that_fails_was_told_how_to_be_cleaned_up(damaged):
    """Two rows come to have one key while it runs: the index is left INVALID, and the script says beforehand what to do then."""
    url, before, psql = damaged
    with psycopg.connect(url, autocommit=True) as connection:
        lines = written(url, before)
        connection.execute("UPDATE users SET email = 'twice' WHERE id < 3")
        failed = psql.run("\n".join(lines), is_strict=True)
        assert "users_email" in failed.said

        cleaning = next(line for line in lines if "if this fails, DROP INDEX CONCURRENTLY public.users_email" in line)
        connection.execute(cleaning.partition("if this fails, ")[2].partition(";")[0].encode())
        connection.execute("UPDATE users SET email = 'once' WHERE id = 1")

    assert psql.run("\n".join(written(url, before)), is_strict=True).said == ""
