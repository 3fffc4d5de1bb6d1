"""Throw-away servers: what they are, who can reach them, and what they do to servers of others."""

import os
import re
from pathlib import Path

import psutil
import psycopg
import pytest

from rollproof.model.errors import Misuse
from rollproof.throwaway.servers import processes
from rollproof.throwaway.servers.provide import NoServer, provide
from rollproof.throwaway.servers.server import fresh_name

DEBIAN = Path("/usr/lib/postgresql/15/bin")
PREFIX = """it's 5% "quoted" \\\\ $HOME `id` """

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def value(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


@pytest.fixture(scope="module")
def embedded():
    server = provide("embedded", {"log_statement": "all", "log_line_prefix": PREFIX})
    yield server
    server.stop()


def test_the_embedded_server_answers_and_says_what_it_is(embedded):
    assert re.fullmatch(r"embedded PostgreSQL 1[89]\.\d+", embedded.name)
    assert embedded.version == int(value(embedded.dsn("postgres"), "SHOW server_version_num"))
    assert (embedded.bindir / "pg_dump").is_file()


def test_a_server_never_runs_as_root(embedded):
    postmaster = int((embedded.log.parent / "data" / "postmaster.pid").read_text().split()[0])

    assert psutil.Process(postmaster).uids().real != 0


@as_root
def test_a_server_can_replace_nothing_that_root_runs(embedded):
    directory = embedded.log.parent.parent

    assert directory.stat().st_uid == 0
    assert directory.stat().st_mode & 0o022 == 0


def test_a_stranger_on_the_machine_cannot_log_in(embedded):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(re.sub(r":\w+@", ":guess@", embedded.dsn("postgres")))


def test_a_server_listens_on_loopback_alone(embedded):
    assert value(embedded.dsn("postgres"), "SHOW listen_addresses") == "127.0.0.1"
    assert value(embedded.dsn("postgres"), "SHOW unix_socket_directories") == ""


def test_a_server_does_not_know_our_environment(embedded):
    with psycopg.connect(embedded.dsn("postgres")) as connection:
        connection.execute("CREATE TEMP TABLE seen (line text)")
        connection.execute("COPY seen FROM PROGRAM 'env'")
        names = {line.partition("=")[0] for (line,) in connection.execute("SELECT line FROM seen")}

    assert {name for name in names if not name.startswith(("PG", "LC_"))} <= {
        *processes.PASSED_ON,
        "PWD",
        "SHLVL",
        "_",
        "OLDPWD",
    }
    assert not {name for name in names if "ROLLPROOF" in name}


def test_settings_reach_the_server_as_they_were_written(embedded):
    assert value(embedded.dsn("postgres"), "SHOW log_line_prefix") == PREFIX
    assert value(embedded.dsn("postgres"), "SHOW max_locks_per_transaction") == "64"
    value(embedded.dsn("postgres"), "SELECT 'seen in the log'")
    assert "seen in the log" in embedded.log.read_text()


def test_settings_for_real_databases_do_not_reach_throw_away_ones(embedded, monkeypatch):
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    name = fresh_name()

    embedded.create(name)

    assert value(embedded.dsn(name), "SELECT current_database()") == name
    embedded.drop(name)


def test_a_database_may_have_any_name(embedded):
    for name in ('tab"le; drop', "50%", "a:b/c?d#e", "Grüße", " ", "select"):
        embedded.create(name)
        embedded.create(f"{name} 2", name)

        assert value(embedded.dsn(f"{name} 2"), "SELECT current_database()") == f"{name} 2"

        embedded.drop(f"{name} 2")
        embedded.drop(name)
        embedded.drop(name)


def test_a_fork_of_ours_does_not_stop_our_server(embedded, monkeypatch):
    with monkeypatch.context() as forked:
        forked.setattr(os, "getpid", lambda: 1)
        embedded.stop()

    assert value(embedded.dsn("postgres"), "SELECT 1") == 1


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's PostgreSQL 15 is not installed")
def test_an_installed_server_runs_beside_the_embedded_one(embedded):
    installed = provide(f"local:{DEBIAN}")
    try:
        assert installed.name.startswith("local PostgreSQL 15.")
        assert installed.version // 10000 == 15
        assert installed.bindir == DEBIAN
        assert value(installed.dsn("postgres"), "SELECT 1") == value(embedded.dsn("postgres"), "SELECT 1")
    finally:
        installed.stop()

    assert value(embedded.dsn("postgres"), "SELECT 1") == 1


@pytest.fixture(scope="module")
def landlord(embedded):
    """The URL of an ordinary role that may create databases."""
    with psycopg.connect(embedded.dsn("postgres")) as connection:
        connection.execute("CREATE ROLE landlord LOGIN CREATEDB PASSWORD 'a secret: 100%'")
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'a secret: 100%'")
    return re.sub(r"postgres:\w+@", "landlord:a%20secret%3A%20100%25@", embedded.dsn("postgres"))


def names(embedded):
    with psycopg.connect(embedded.dsn("postgres")) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_a_running_server_gets_our_databases_and_loses_them_again(embedded, landlord):
    before = names(embedded)
    server = provide(landlord.replace("postgresql://", "postgresql+psycopg://"))
    first, second = fresh_name(), fresh_name()

    server.create(first)
    server.create(second, first)
    assert names(embedded) == before | {first, second}
    assert value(server.dsn(second), "SELECT current_database()") == second
    server.drop(first)
    server.stop()
    server.stop()

    assert names(embedded) == before
    assert server.version == embedded.version
    assert "secret" not in server.name


def test_on_a_running_server_nothing_of_others_is_dropped_or_disturbed(embedded, landlord):
    server = provide(landlord)
    embedded.create("rollproof_of_another_run")

    with pytest.raises(Misuse, match="not ours to drop"):
        server.drop("rollproof_of_another_run")
    with pytest.raises(Misuse, match="not ours to end"):
        server.create(fresh_name(), "rollproof_of_another_run")
    with pytest.raises(Misuse, match="begins with rollproof_"):
        server.create("production")
    with pytest.raises(psycopg.errors.DuplicateDatabase):
        server.create("rollproof_of_another_run")
    server.stop()

    assert "rollproof_of_another_run" in names(embedded)
    embedded.drop("rollproof_of_another_run")


def test_a_role_that_may_not_create_databases_is_told_what_to_ask_for(landlord):
    with pytest.raises(NoServer, match='ALTER ROLE "guest" CREATEDB'):
        provide(landlord.replace("landlord", "guest"))


def test_a_running_server_is_not_ours_to_set_up(landlord):
    with pytest.raises(NoServer, match="wal_level"):
        provide(landlord, {"wal_level": "logical"})


def test_an_unreachable_server_is_reported_without_its_password():
    with pytest.raises(NoServer) as raised:
        provide("postgresql://u:secret@127.0.0.1:1/d")

    assert "Connection refused" in str(raised.value)
    assert "secret" not in str(raised.value)
