"""Through PgBouncer in transaction mode: the same facts, nothing left for its other clients, no hang where it is too small."""

import os
import shutil
import socket
import subprocess
from urllib.parse import urlsplit

import psycopg
import pytest

from fixtures.readers import SCOPE, reader, subject
from fixtures.waiting import within
from rollproof.commands.bundled_story import free_port
from rollproof.commands.doctor import examine
from rollproof.model.errors import Inconclusive
from rollproof.server import connection
from rollproof.server.instant_session import session_at
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.throwaway.servers.data_directory import server_user

PROGRAM = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
pytestmark = pytest.mark.skipif(not PROGRAM, reason="pgbouncer is not installed (Debian: apt-get install pgbouncer)")

SETTINGS = (
    "statement_timeout",
    "lock_timeout",
    "search_path",
    "row_security",
    "DateStyle",
    "client_encoding",
    "TimeZone",
)


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE a AS SELECT i FROM generate_series(1, 99) AS i; CREATE TABLE b AS TABLE a")


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def pooled(database_from, open_folder):
    """Call it with the size of the pool, for the URL of the same database behind PgBouncer."""
    url = database_from(filled)
    known = urlsplit(url)
    running = []

    def start(size):
        port = free_port()
        words, config = open_folder / "users", open_folder / "pgbouncer.ini"
        words.write_text(f'"{known.username}" "{known.password}"\n')
        config.write_text(
            f"[databases]\n* = host={known.hostname} port={known.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {port}\nauth_type = plain\nauth_file = {words}\npool_mode = transaction\n"
            f"default_pool_size = {size}\nmin_pool_size = 0\nquery_wait_timeout = 0\nunix_socket_dir =\n"
        )
        command = [PROGRAM, "-q", str(config)]
        running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL, **server_user().popen))
        within(10, lambda: listens(port))
        return url, url.replace(f":{known.port}/", f":{port}/")

    yield start
    for process in running:
        process.terminate()
        process.wait()


def test_pg_dump_is_not_run_behind_it(pooled, tmp_path):
    with subject(pooled(3)[1]) as live:
        assert "there is a pooler" in live.unavailable("pg_dump")
        with pytest.raises(Inconclusive, match="there is a pooler"):
            live.dump_command(tmp_path / "dump")


def told(url):
    with reader(url, jobs=2) as view:
        side = Live(view, SCOPE, "subject")
        return side.snapshot.facets, [side.known(facet, EVERYTHING) for facet in CONTENT]


def settings(connection):
    shown = [connection.execute(f"SHOW {name}").fetchone()[0] for name in SETTINGS]
    left = "SELECT (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_cursors)"
    return shown, connection.execute(left).fetchone()


def test_the_facts_are_the_same_and_no_other_client_notices(pooled):
    url, behind = pooled(3)
    with psycopg.connect(behind, autocommit=True, prepare_threshold=None) as other:
        before = settings(other)
        assert told(behind) == told(url)
        with (
            psycopg.connect(behind, prepare_threshold=None) as one,
            psycopg.connect(behind, prepare_threshold=None) as two,
        ):
            # In transactions at the same time, so that each server session that we used is met.
            assert [settings(each) for each in (one, two, other)] == [before] * 3

    lines = examine(Configured(Settings(database_url=behind), None)).lines
    assert any(line.startswith("pooler") for line in lines)
    assert not any(line.startswith("pooler") for line in examine(Configured(Settings(database_url=url), None)).lines)


def test_a_users_own_questions_see_the_instant_and_leave_nothing_to_other_clients(pooled):
    url, behind = pooled(3)
    with reader(behind, jobs=1) as view:
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("DELETE FROM a")
        with session_at(view) as asked:
            asked.execute("SET search_path = public")
            asked.execute("SELECT pg_advisory_lock(1)")
            assert asked.execute("SELECT count(*) FROM a").fetchone() == (99,)
        with psycopg.connect(behind) as one, psycopg.connect(behind) as two:
            shown = [each.execute("SHOW search_path").fetchone() for each in (one, two)]
            assert shown == [('"$user", public',)] * 2
            assert one.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)


def test_a_repair_script_runs_through_it_and_its_proof_says_what_it_needs(pooled, command, tmp_path):
    url, behind = pooled(3)
    assert command(tmp_path, "capture", "--database-url", url).returncode == 0
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("ALTER TABLE a ALTER i SET NOT NULL; COMMENT ON TABLE b IS 'new'")
    plain, proof = (command(tmp_path, "repair", "--database-url", behind, *more) for more in ([], ["--prove"]))

    with psycopg.connect(behind, autocommit=True) as one:
        before = settings(one)
        one.execute(plain.stdout)
        assert settings(one) == before

    assert command(tmp_path, "repair", "--database-url", url).stdout.startswith("-- every definition")
    assert proof.returncode == 7
    assert "the database cannot be cloned" in proof.stderr
    assert "pooler" in proof.stderr


def test_a_pool_too_small_is_inconclusive_and_no_hang(pooled, monkeypatch):
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 1)
    monkeypatch.setattr(connection, "RESTART_SECONDS", 1)
    _, behind = pooled(1)
    with reader(behind, jobs=1) as view, pytest.raises(Inconclusive, match="make its pool larger, lower --jobs"):
        view.ask(lambda connection: connection.execute(b"SELECT 1").fetchone())
    with reader(behind, jobs=1) as view, pytest.raises(Inconclusive, match="make its pool larger"), session_at(view):
        pass
