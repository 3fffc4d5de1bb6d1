"""Where an application's statements are found: what a real server counted and logged of a real session."""

import os
import time
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from rollproof.model.errors import Misuse
from rollproof.rehearsal.doors.read import read_statements
from rollproof.throwaway.servers.provide import provide

HERE = Path()
ROLE, SECRET = "rollproof_logged", "open to tests"
SELECT = "SELECT a,\n\tb -- why\nFROM t WHERE a = $1"
LOGGED = {  # text: calls, values
    "INSERT INTO t VALUES ($1, $2)": (2, (("1", "it's; x"), ("2", None))),
    SELECT: (1, (("3",),)),
    "SELECT b FROM t WHERE a = $1": (2, ()),  # by PREPARE and EXECUTE
    "DECLARE c CURSOR FOR SELECT a FROM t": (1, ()),
    "FETCH 3 FROM c": (1, ()),
    "COPY t FROM STDIN": (1, ()),
    "SELECT 'one'": (1, ()),
    "SELECT 'two'": (1, ()),
    "BEGIN": (1, ()),
    "COMMIT": (1, ()),
}


@pytest.fixture(scope="module")
def logging(pytestconfig, server):
    """A server that writes its log in every format, and counts statements, after an application has worked there."""
    where = pytestconfig.option.server or os.environ.get("ROLLPROOF_SERVER") or "auto"
    options = {
        "logging_collector": "on",
        "log_destination": "stderr,csvlog,jsonlog" if server.version >= 150000 else "stderr,csvlog",
        "log_statement": "all",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "shared_preload_libraries": "pg_stat_statements",
    }
    running = provide(where, options)
    try:
        _prepare(running)
        time.sleep(0.2)  # the collector writes behind
        yield running
    finally:
        running.stop()


def _prepare(running):
    with psycopg.connect(running.url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE elsewhere")
        admin.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{SECRET}'; CREATE EXTENSION pg_stat_statements")
        admin.execute(f"CREATE TABLE t (a integer, b text); GRANT ALL ON t TO {ROLE}")
    _work(make_conninfo(running.url, user=ROLE, password=SECRET))
    with psycopg.connect(running.dsn("elsewhere")) as connection:
        connection.execute("SELECT 'of another database'")


def _work(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO t VALUES (%s, %s)", (1, "it's; x"))
        connection.execute("INSERT INTO t VALUES (%s, %s)", (2, None))
        connection.execute(SELECT.replace("$1", "%s"), (3,), prepare=True)
        connection.execute("PREPARE p (integer) AS SELECT b FROM t WHERE a = $1")
        connection.execute("EXECUTE p (3)")
        with connection.transaction():
            connection.execute("DECLARE c CURSOR FOR SELECT a FROM t")
            connection.execute("FETCH 3 FROM c")
        with connection.cursor() as cursor, cursor.copy("COPY t FROM STDIN") as copy:
            copy.write_row((1, "x"))
        connection.execute("SELECT 'one'; SELECT 'two'")


def _of_the_application(read):
    return {each.text: (each.calls, each.values) for each in read.statements if each.role == ROLE}


def _file(logging, kind):
    with psycopg.connect(logging.url) as admin:
        row = admin.execute("SELECT current_setting('data_directory'), pg_current_logfile(%s)", [kind]).fetchone()
    return Path(*row)


@pytest.mark.parametrize("kind", ["stderr", "csvlog", "jsonlog"])
def test_a_log_in_any_format_tells_the_statements_their_role_and_their_parameters(logging, kind):
    if kind == "jsonlog" and logging.version < 150000:
        pytest.skip("PostgreSQL has jsonlog since 15")

    read = read_statements([f"log:{_file(logging, kind)}"], logging.url, HERE)

    assert _of_the_application(read) == LOGGED
    assert [note for note in read.notes if "of other databases passed over" in note]
    assert "SELECT 'of another database'" not in {each.text for each in read.statements}


def test_the_servers_current_log_is_read_by_sql(logging):
    assert _of_the_application(read_statements(["log"], logging.url, HERE)) == LOGGED


def test_the_statistics_tell_statements_without_their_constants(logging):
    found = {each.text: each for each in read_statements(["pg_stat_statements"], logging.url, HERE).statements}

    assert found["INSERT INTO t VALUES ($1, $2)"].calls == 2
    assert found["INSERT INTO t VALUES ($1, $2)"].role == ROLE
    assert found["SELECT b FROM t WHERE a = $1"].types == ("integer",)
    assert {"SELECT $1", "COPY t FROM STDIN", "DECLARE c CURSOR FOR SELECT a FROM t"} <= {*found}


def test_what_the_statistics_hide_or_the_log_denies_is_said_with_the_way_out(logging):
    url = make_conninfo(logging.url, user=ROLE, password=SECRET)

    with pytest.raises(
        Misuse, match=r"^--statements log: the source's role may not read the server's log \(permission denied"
    ):
        read_statements(["log"], url, HERE)

    hidden = read_statements(["pg_stat_statements"], url, HERE)
    assert {each.role for each in hidden.statements} == {ROLE}
    assert [note for note in hidden.notes if "of which the text is not shown to this role" in note]


def test_a_place_that_has_no_statements_is_said_with_the_way_out(database, tmp_path):
    (tmp_path / "empty.sql").write_text("-- nothing\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin.sql").write_bytes(b"SELECT 1;\nSELECT '\xe9'")
    (tmp_path / "quiet.log").write_text(
        "2026-01-01 10:00:00 UTC [1] LOG:  database system is ready to accept connections\n"
    )
    said = {
        "empty.sql": "there is no statement in it, so no door can be tried",
        "folder": "there is no *.sql in this folder",
        "latin.sql": f"{tmp_path / 'latin.sql'} is not UTF-8 (line 2): save the file as UTF-8",
        "missing.sql": "there is no such file; name a file or a folder of SQL, pg_stat_statements, log, or log:FILE",
        "pg_stat_statement": "there is no such file; name a file or a folder of SQL, pg_stat_statements, log, or log:FILE; "
        "did you mean `pg_stat_statements`?",
        "log:missing.log": "it cannot be read: No such file or directory",
        "log:quiet.log": "it tells of no statement; the server writes them with log_statement = 'all' or "
        "log_min_duration_statement = 0, in English (lc_messages = 'C')",
        "log": "the source's server collects no log that SQL can read (logging_collector is off); name the file: log:FILE",
        "pg_stat_statements": "the source database has no such extension; type there: CREATE EXTENSION pg_stat_statements (it must "
        "stand in shared_preload_libraries), let the application work, and try again",
    }
    for where, why in said.items():
        with pytest.raises(Misuse) as error:
            read_statements([where], database, tmp_path, "--new-statements")
        assert str(error.value) == f"--new-statements {where}: {why}"


@pytest.mark.parametrize("where", ["log", "pg_stat_statements"])
def test_a_source_that_is_no_database_tells_nothing_of_statements(where):
    with pytest.raises(
        Misuse, match=f"^--statements {where}: it asks the database that is copied, and --source is none"
    ):
        read_statements([where], None, HERE)
