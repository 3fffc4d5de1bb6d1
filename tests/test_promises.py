"""What rollproof promises to whoever points it at a database, seen through the command line on real servers."""

import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from fixtures.providers import provide

SHOP = Path(__file__).parent.parent / "scenarios" / "cases" / "shop.sql"
ALLOWED = re.compile(
    r"(SELECT|WITH|BEGIN|COMMIT|ROLLBACK|SET TRANSACTION SNAPSHOT|SET LOCAL)\b|(--[^\n]*\n?\s*)+(SELECT|WITH)\b|(--|$)",
    re.IGNORECASE,
)

# Its session is its own: behind a pooler it is not run.
ALLOWED_TO_PG_DUMP = re.compile(
    ALLOWED.pattern + "|SET |RESET |PREPARE |EXECUTE |LOCK TABLE .* IN ACCESS SHARE MODE$", re.IGNORECASE
)


def rollproof(folder, *arguments):
    command = [sys.executable, "-m", "rollproof", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def execute(url, query):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(query)


def captured(folder, url):
    done = rollproof(folder, "capture", "--database-url", url)
    assert done.returncode == 0, done.stderr
    return url


def test_nothing_is_ever_written(tmp_path):
    server = provide("embedded", {"log_statement": "all", "log_line_prefix": "%a|"})
    try:
        server.create("rollproof_log")
        url = server.dsn("rollproof_log")
        execute(url, SHOP.read_text("utf-8"))
        captured(tmp_path, url)
        verified = rollproof(tmp_path, "verify", "post_rollback", "--database-url", url)
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
        (["verify", "-m", "post_rolback"], "did you mean post_rollback"),
        (["verify", "-m", "post_rollback or pre_migration"], "one phase at a time"),
        (["verify", "-m", "rows", "--database-url", "postgresql://h/d"], "which phase"),
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
def test_bad_input_is_refused_with_a_way_out_and_no_password(arguments, says, tmp_path):
    refused = rollproof(tmp_path, *arguments)
    output = refused.stdout + refused.stderr

    assert refused.returncode == 4, output
    assert says in output
    assert "hunter22" not in output + "".join(path.read_text() for path in tmp_path.rglob("*.*") if path.is_file())


def test_a_locked_table_is_named_and_the_others_are_verified(database_from, tmp_path):
    url = captured(tmp_path, database_from(SHOP))
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE parcels")
        holder = other.info.backend_pid
        verified = rollproof(tmp_path, "verify", "post_rollback", "--database-url", url, "--lock-timeout", "0.3")

    assert verified.returncode == 7, verified.stdout
    assert re.search(
        rf"process {holder} \(.*idle in transaction, since .*\) has locked public.parcels", verified.stdout
    )
    assert "public.parcels could not be read: another session holds a lock" in verified.stdout
    assert " not restored" not in verified.stdout.rpartition("CANNOT TELL")[2]
