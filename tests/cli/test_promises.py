"""What rollproof promises to whoever points it at a database, seen through the command line on real servers."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from fixtures.readers import SCOPE, execute, reader
from rollproof.server.reader import one
from rollproof.sources.live import Live
from rollproof.throwaway.servers.provide import provide

SHOP = Path(__file__).parents[2] / "scenarios" / "cases" / "shop.sql"
ALLOWED = re.compile(
    r"(SELECT|WITH|BEGIN|COMMIT|ROLLBACK|SET TRANSACTION SNAPSHOT|SET LOCAL)\b|(--[^\n]*\n?\s*)+(SELECT|WITH)\b|(--|$)",
    re.IGNORECASE,
)

# Its session is its own: behind a pooler it is not run.
ALLOWED_TO_PG_DUMP = re.compile(
    ALLOWED.pattern + "|SET |RESET |PREPARE |EXECUTE |LOCK TABLE .* IN ACCESS SHARE MODE$", re.IGNORECASE
)

HELD = (
    "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
    " WHERE a.datname = %s AND a.application_name = 'rollproof'"
)


def SIX_HUNDRED(url):  # noqa: N802 (it stands for the database it fills, as SHOP does)
    with psycopg.connect(url, autocommit=True) as connection:
        for start in range(0, 600, 100):
            connection.execute(
                "".join(
                    f"CREATE TABLE t{i} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint, name text);"
                    f"CREATE INDEX ON t{i} (name); ALTER TABLE t{i} ADD FOREIGN KEY (parent) REFERENCES t{max(0, i - 1)};"
                    f"CREATE VIEW v{i} AS SELECT * FROM t{i} JOIN t{max(0, i - 1)} AS p (i, p, n) ON t{i}.parent = p.i;"
                    for i in range(start, start + 100)
                )
            )


@pytest.fixture
def captured(command, tmp_path):
    """Call it with a URL to take the baseline; returns the URL."""

    def capture(url):
        done = command(tmp_path, "capture", "--database-url", url)
        assert done.returncode == 0, done.stderr
        return url

    return capture


@pytest.mark.promise
def test_nothing_is_ever_written(command, captured, tmp_path):
    server = provide("embedded", {"log_statement": "all", "log_line_prefix": "%a|"})
    try:
        server.create("rollproof_log")
        url = server.dsn("rollproof_log")
        execute(url, SHOP.read_text("utf-8"))
        captured(url)
        verified = command(tmp_path, "verify", "post_rollback", "--database-url", url)
        log = server.log.read_text("utf-8")
    finally:
        server.stop()

    said = r"^rollproof%s\|.*?(?:statement|execute [^:]*): +(.*(?:\n\t.*)*)"
    statements = re.findall(said % "", log, re.MULTILINE)
    of_pg_dump = re.findall(said % " pg_dump", log, re.MULTILINE)
    assert verified.returncode == 0, verified.stdout
    assert len(statements) > 50
    assert [text for text in statements if not ALLOWED.match(text.lstrip())] == []
    assert of_pg_dump.count("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY") == 2
    assert [text for text in of_pg_dump if not ALLOWED_TO_PG_DUMP.match(text.lstrip())] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verify", "post_rollback"], "needs a database to verify"),
        (["verify", "-m", "post_rolback"], "did you mean `post_rollback`"),
        (["verify", "-m", "post_rollback or pre_migration"], "one phase at a time"),
        (["verify", "-m", "postgresql://me:hunter22%41@h/d"], "takes a phase"),
        (["verify", "-m", "rows", "--database-url", "postgresql://h/d"], "which phase"),
        (["verify", "-n", "2", "--database-url", "postgresql://h/d"], "--jobs says how many sessions"),
        (
            [
                "verify",
                "post_rollback",
                "--showlocals",
                "--reference=backup",
                "--database-url",
                "postgresql://me:two hunter22@h/d",
            ],
            "%20",
        ),
    ],
)
def test_bad_input_is_refused_with_a_way_out_and_no_password(command, arguments, says, tmp_path):
    refused = command(tmp_path, *arguments)

    assert refused.returncode == 4, refused.output
    assert says in refused.output
    assert "hunter22" not in refused.output + "".join(
        path.read_text() for path in tmp_path.rglob("*.*") if path.is_file()
    )


@pytest.mark.promise
def test_a_locked_table_is_named_and_the_others_are_verified(command, captured, database_from, tmp_path):
    url = captured(database_from(SHOP))
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE parcels")
        holder = other.info.backend_pid
        verified = command(tmp_path, "verify", "post_rollback", "--database-url", url, "--lock-timeout", "0.3")

    assert verified.returncode == 7, verified.stdout
    assert re.search(rf"process {holder} \(.*idle in transaction, since .*\) has locked public.parcels", verified.said)
    assert "could not be read: another session holds a lock" in verified.said
    assert "public.parcels" in verified.said
    assert " not restored" not in verified.stdout.rpartition("INCONCLUSIVE")[2]


def test_a_question_that_somebody_waits_for_does_not_stand_behind_the_scans(database):
    view = reader(database, jobs=1)
    try:
        scans = [view.submit(lambda connection: one(connection, "SELECT pg_sleep(0.1)")) for _ in range(50)]
        view.ask(lambda connection: one(connection, "SELECT 1"))
        assert sum(scan.done() for scan in scans) <= 2
    finally:
        view.close()


@pytest.mark.promise
def test_the_locks_of_many_tables_are_bounded(server, database_from):
    """Of six hundred tables with key, index, sequence and foreign key, never more than 512 locks are ours, whoever looks."""
    url = database_from(SIX_HUNDRED)
    most, done = [], threading.Event()

    def look():
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            while not done.is_set():
                most.append(connection.execute(HELD, (url.partition("?")[0].rpartition("/")[2],)).fetchone()[0])

    with ThreadPoolExecutor(1) as watcher:
        watching = watcher.submit(look)
        try:
            view = reader(url)
            try:
                live = Live(view, SCOPE, "it")
                assert len(live.complete().facets["content"]) == 600
            finally:
                view.close()
        finally:
            done.set()
        watching.result()
    assert 3 < max(most) <= 512
