"""A command of the user's in a rehearsal: whatever it does, it ends, what went wrong is one sentence, and no password is in it."""

import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.process import run
from rollproof.rehearsal.questions import question
from rollproof.rehearsal.world import World
from rollproof.settings.rehearsal import Rehearsal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")
HERE = Path(__file__).parent
ASKS = """
Type 'yes' to continue, or 'no' to cancel: Traceback (most recent call last):
  File "manage.py", line 22, in <module>
EOFError: EOF when reading a line
"""


def started(words):
    """Return the processes that were started with this word."""
    return [each for each in psutil.process_iter(["cmdline"]) if words in " ".join(each.info["cmdline"] or [])]


@pytest.mark.parametrize(
    ("said", "ended_well", "asked"),
    [
        (ASKS, False, "Type 'yes' to continue, or 'no' to cancel:"),
        ("Drop the table? [y/N] ", True, "Drop the table? [y/N]"),
        ("Password for user shop: ", False, "Password for user shop:"),
        ("Revert all? [Yes] \nSqitch seems to be unattended", False, "Revert all? [Yes]"),
        ("go on [y/N]: \nAborted!\n", False, "go on [y/N]:"),
        ("migrated 3 tables: done?\n", True, ""),
        ("is it there?\nERROR: no such table\n", False, ""),
        ("running:", True, ""),
        ("nothing to do\nAborted.\n", False, ""),
        ("", True, ""),
    ],
)
def test_a_question_is_told_from_other_words(said, ended_well, asked):
    assert question(said, ended_well=ended_well) == asked


@pytest.mark.promise
def test_what_a_command_left_running_is_ended_and_told(tmp_path):
    mark = f"{time.time_ns()}"
    ran = run(f"setsid sleep 777{mark} & (setsid setsid sleep 777{mark} &) ; sleep 0.2; echo on", {}, tmp_path, 30)

    assert (ran.code, ran.trouble, ran.said) == (0, "", "on")
    assert ran.notes == ("left processes running, which were ended: sleep",)
    assert started(mark) == []


@pytest.mark.promise
@pytest.mark.parametrize("deaf", ["", "trap '' TERM; "])
def test_a_command_that_takes_too_long_is_ended(tmp_path, deaf):
    mark = f"{time.time_ns()}"
    ran = run(f"{deaf}sleep 777{mark}; sleep 777{mark}", {}, tmp_path, 0.3)

    assert "did not end within 0.3 s (--step-timeout), and was ended" in ran.trouble
    assert ran.seconds < (9 if deaf else 3)
    assert started(mark) == []


@pytest.mark.promise
def test_what_a_command_says_is_bounded_shown_harmless_and_without_passwords(tmp_path, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "of-production")
    monkeypatch.setenv("PGSERVICE", "production")
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    monkeypatch.setenv("PWD", "/home/project")
    throw_away = {"DATABASE_URL": "postgresql://u:of-the-clone@127.0.0.1/d", "PGPASSWORD": "of-the-clone"}
    flood = "head -c 5000000 /dev/zero | tr '\\0' x; printf '\\033[2J\\000\\377\\n'; "
    ran = run(
        f"{flood} env | grep -e PG -e URL -e DB; echo of-production /home/project; kill -9 $$", throw_away, tmp_path, 60
    )

    assert len(ran.said) < 2**16
    assert "\x1b" not in ran.said
    assert "\x00" not in ran.said
    assert "PGSERVICE" not in ran.said  # libpq would prefer it to PGHOST
    assert "of-production" not in str(ran)
    assert "of-the-clone" not in str(ran)
    assert "hunter2" not in str(ran)
    assert "/home/project" in ran.said
    assert "was ended by a signal (SIGKILL" in ran.ending


def test_a_folder_that_is_gone_is_told(tmp_path):
    ran = run("true", {}, tmp_path / "gone", 5)

    assert (ran.is_undecided, ran.trouble) == (True, f"could not be started: the folder {tmp_path / 'gone'} is gone")


@pytest.fixture(scope="module")
def world(server):
    made = World(server)
    server.create(made.database)
    kept = made.keep()
    yield made, kept
    for name in (*made.kept, made.database):
        server.drop(name)


ENDED = f"""{sys.executable} -c '
import os, psycopg
psycopg.connect(os.environ["DATABASE_URL"]).execute("CREATE TABLE lost ()")
os._exit(0)'"""
LEAVES = f"""{sys.executable} -c '
import os, psycopg, subprocess
there = psycopg.connect(os.environ["DATABASE_URL"])
os.set_inheritable(there.fileno(), True)
subprocess.Popen(["setsid", "sleep", "778"], close_fds=False, stdin=-3, stdout=-3, stderr=-3)
os._exit(0)'"""
SQL = (
    f"{sys.executable} -c 'import os, sys, psycopg; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])'"
)


@pytest.mark.promise
@pytest.mark.parametrize(
    ("command", "sentence", "is_undecided"),
    [
        ("true", "never connected to the throw-away database", True),
        ("echo no such host; exit 2", "ended with exit code 2\nno such host\nit never connected", True),
        (f"{SQL} $DATABASE_URL 'SELECT 1/0'", "division by zero", False),
        (f"{SQL} ${{DATABASE_URL%/*}}/postgres 'DROP DATABASE '$PGDATABASE' (FORCE)'", "it dropped or renamed", False),
        (
            f"{SQL} ${{DATABASE_URL%/*}}/postgres 'ALTER DATABASE '$PGDATABASE' RENAME TO x'",
            "it dropped or renamed",
            False,
        ),
        (
            f"{SQL} $DATABASE_URL \"BEGIN; CREATE TABLE p (); PREPARE TRANSACTION 'open'\"",
            "rolled back, and hold",
            False,
        ),
        (LEAVES, "left a process running that is connected to the database: sleep", True),
    ],
    ids=["elsewhere", "nowhere", "fails", "drops", "renames", "prepares", "leaves a session"],
)
def test_what_went_wrong_with_the_database_is_one_sentence(world, command, sentence, is_undecided):
    made, kept = world
    commands = Commands(made, HERE, Rehearsal(step_timeout=60))
    done = commands.run([command], measure=False)
    made.bring_back(kept)

    assert sentence in done.trouble
    assert done.is_undecided == is_undecided
    with psycopg.connect(made.url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_class WHERE relname IN ('p', 'lost')").fetchone() == (0,)


def test_work_that_was_not_committed_is_noted(world):
    made, _ = world
    done = Commands(made, HERE, Rehearsal()).run([ENDED], measure=False)

    assert done.trouble == ""
    assert "is a COMMIT missing after CREATE TABLE lost ()?" in "".join(done.notes)
