"""Where only POSIX's own is missing, and a console knows 256 letters, a night goes as it goes here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.readers import execute

ROOT = Path(__file__).parents[2]


@pytest.fixture
def elsewhere(tmp_path):
    """Call it with a command of ours and its options; it ends with the exit code and what was printed.

    No time zone is known there either.
    """

    def run(*words, what="run"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "cp1252", "PYTHONTZPATH": ""}
        command = [sys.executable, "-m", "fixtures.elsewhere", what, *words]
        ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
        return ended.returncode, (ended.stdout + ended.stderr).decode("cp1252")

    return run


def test_a_night_without_posix(elsewhere, database, tmp_path):
    """Captured, verified, broken, found broken, and what would mend it is printed."""
    execute(database, "CREATE TABLE t (id int PRIMARY KEY, schuß text); INSERT INTO t VALUES (1, '→')")
    execute(database, 'CREATE INDEX "→ś" ON t (schuß)')
    about = ("--database-url", database)
    assert elsewhere("capture", *about, "--output", "baseline.json")[0] == 0
    assert elsewhere("doctor", *about)[0] == 0
    assert elsewhere("explain", "indexes")[0] == 0
    code, printed = elsewhere("init", *about)
    assert (code, (tmp_path / "rollproof.toml").exists()) == (0, True), printed
    code, printed = elsewhere("verify", *about)
    assert (code, "VERIFIED" in printed) == (0, True), printed
    execute(database, 'DROP INDEX "→ś"; DELETE FROM t')
    code, printed = elsewhere("verify", *about, "--evidence-file", "rows.jsonl")
    assert (code, "NOT RESTORED" in printed) == (1, True), printed
    assert "\\u2192\\u015b" in printed, "a letter that the console does not know is shown by its number"
    assert (tmp_path / "rows.jsonl").exists()
    code, printed = elsewhere("repair", *about)
    assert (code, "CREATE INDEX" in printed) == (0, True), printed

    runs = [run.name for run in (tmp_path / "rollproof-report" / "runs").iterdir() if not run.name.startswith(".")]
    assert sorted(name.partition("Z-")[2] for name in runs) == ["not-restored", "verified"]
    left = [path for path in tmp_path.rglob(".*") if path.is_file() and path.name not in {".first", ".newest"}]
    assert [path for path in left if ".pytest_cache" not in path.parts] == []


PROGRAM = """
import sys, psycopg, rollproof
url = sys.argv[-1]
with psycopg.connect(url, autocommit=True) as connection:
    connection.execute("CREATE TABLE t (id int PRIMARY KEY)")
    with rollproof.unchanged(url):
        connection.execute("INSERT INTO t VALUES (1); DELETE FROM t")
    try:
        with rollproof.unchanged(url):
            connection.execute("DROP TABLE t")
    except rollproof.NotRestored as error:
        print(error)
"""


def test_a_program_verifies_without_posix(elsewhere, database):
    code, printed = elsewhere(PROGRAM, database, what="program")

    assert code == 0, printed
    assert "public.t" in printed


def test_throw_away_servers_need_posix_and_it_is_said(elsewhere):
    code, printed = elsewhere("verify", "--rehearse")

    assert code == 7
    assert "this version starts throw-away servers on Linux and macOS" in printed
    assert "--server postgresql://" in printed
