"""The lines that a person types at night, from the damage to VERIFIED; and the ways in which a script may be run."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.sql_dump import sql_dump
from rollproof.commands.bundled_story import Story, run
from rollproof.system.extras import lacking

ROOT = Path(__file__).parents[2]
SHOP, VIBES = ROOT / "scenarios/cases/shop.sql", ROOT / "scenarios/vibes"
VIEWS = """
CREATE VIEW dear AS SELECT id, total FROM orders WHERE total > 40;
COMMENT ON VIEW dear IS 'für die Buchhaltung';
CREATE VIEW dearest AS SELECT max(total) AS most FROM dear;
"""
DAMAGE = """
DROP VIEW dear CASCADE;
DROP INDEX orders_customer_idx;
ALTER TABLE orders ALTER total TYPE numeric(14, 2);
ALTER TABLE customers ALTER email DROP NOT NULL;
CREATE VIEW left_over AS SELECT 1 AS one;
"""
OF_VIBES = """
ALTER TABLE users ALTER email DROP NOT NULL;
ALTER TABLE tags ALTER colour SET DEFAULT 'NO STORAGE LEFT';
COMMENT ON TABLE users IS 'gone';
UPDATE users SET bio = 'lost' WHERE account_number = 1003;
DELETE FROM reminders WHERE ctid = '(0,1)';
"""
NOTHING = "-- every definition"


def do(url, text):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text)


def whole(url):
    do(url, SHOP.read_text("utf-8") + VIEWS)


def broken(url):
    whole(url)
    do(url, DAMAGE)


@pytest.fixture
def psql(server):
    """Call it with a URL and words for psql, which gets `given` to read."""
    program = server.bindir and server.bindir / "psql"
    found = str(program) if program and program.is_file() else shutil.which("psql")
    if not found:
        pytest.skip("there is no psql here")

    def call(url, *words, given=None):
        return subprocess.run(
            [found, "-X", "-q", "-d", url, *words], input=given, capture_output=True, text=True, check=False
        )

    return call


@pytest.fixture
def night(command, database_from, tmp_path):
    """A damaged shop's URL, and a call of `rollproof` about it; its baseline lies in the folder."""
    taken = command(tmp_path, "capture", "--database-url", database_from(whole))
    assert taken.returncode == 0, taken.output
    url = database_from(broken)

    def rollproof(*words):
        return command(tmp_path, words[0], "--database-url", url, "--other-database", *words[1:])

    return url, rollproof


def test_the_lines_of_the_night(night, psql, tmp_path):
    url, rollproof = night
    file = tmp_path / "repair.sql"

    proven = rollproof("repair", "--prove", "--drop-leftovers")
    file.write_text(proven.stdout, "utf-8")
    ran = psql(url, "-v", "ON_ERROR_STOP=1", "-f", str(file))

    assert proven.returncode == 0, proven.output
    assert "need you" not in proven.stdout.partition("\n")[0]
    assert ran.returncode == 0, ran.stderr
    assert rollproof("verify").returncode == 0
    assert rollproof("repair").stdout.startswith(NOTHING)


def test_one_object_alone(night, psql):
    url, rollproof = night

    script = rollproof("repair", "--only", "public.customers").stdout

    assert "public.customers" in script
    assert "CREATE VIEW" not in script
    assert psql(url, "-v", "ON_ERROR_STOP=1", given=script).returncode == 0
    assert "customers" not in rollproof("repair").stdout


@pytest.mark.usefixtures("night")
def test_everything_anew(command, database, psql, tmp_path):
    proven = command(tmp_path, "repair", "--recreate", "--prove", "--reference", "baseline.json")
    ran = psql(database, "-v", "ON_ERROR_STOP=1", given=proven.stdout)

    assert proven.returncode == 0, proven.output
    assert proven.stdout.startswith("-- Proven on an empty database of ")
    assert ran.returncode == 0, ran.stderr
    left = command(tmp_path, "repair", "--definitions-only", "--database-url", database, "--other-database").stdout
    assert {line for line in left.splitlines() if "missing" in line or "was left" in line} == set()


def test_everything_anew_of_what_is_no_baseline(command, database_from, server, tmp_path):
    """A dump is restored for it, another database is read; the migration's copies know no schema."""
    url = database_from(SHOP)
    (tmp_path / "shop.sql").write_text(sql_dump(server, url, "--inserts"), "utf-8")

    backup = command(tmp_path, "repair", "--recreate", "--reference", "backup")

    assert (backup.returncode, "are rows alone" in backup.stderr) == (4, True)
    for reference in (url, "shop.sql"):
        told = command(tmp_path, "repair", "--recreate", "--reference", reference)
        assert told.returncode == 0, told.output
        assert "CREATE TABLE public.orders (" in told.stdout
        assert "not mended" not in told.stdout


def test_a_script_runs_however_it_is_run(night, psql, database_from, tmp_path, monkeypatch):
    """By a driver; in one transaction; by psql, on a terminal in LATIN1."""
    url, rollproof = night
    script = rollproof("repair", "--drop-leftovers").stdout
    file = tmp_path / "repair.sql"
    file.write_text(script, "utf-8")
    others = [database_from(broken) for _ in range(2)]

    do(others[0], script)
    ran = [psql(others[1], "-1", "-v", "ON_ERROR_STOP=1", "-f", str(file))]
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    ran.append(psql(url, "-v", "ON_ERROR_STOP=1", "-f", str(file)))

    assert [each.returncode for each in ran] == [0, 0], [each.stderr for each in ran]
    assert rollproof("repair").stdout.startswith(NOTHING)
    for other in others:
        assert rollproof("repair", "--database-url", other).stdout.startswith(NOTHING)


def test_a_statement_that_waits_too_long_undoes_its_transaction_alone(night, psql):
    url, rollproof = night
    script = rollproof("repair", "--definitions-only").stdout.replace("lock_timeout = '5s'", "lock_timeout = '100ms'")
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE customers")
        ran = psql(url, given=script)

    assert "canceling statement due to lock timeout" in ran.stderr
    left = rollproof("repair", "--definitions-only").stdout
    assert "public.customers" in left
    assert "CREATE VIEW public.dear" not in left


def test_settings_of_the_database_do_not_stop_a_script(night, psql):
    url, rollproof = night
    name = conninfo_to_dict(url)["dbname"]
    wrong = ("default_transaction_read_only = on", "statement_timeout = 1", "standard_conforming_strings = off")
    do(url, "; ".join(f"ALTER DATABASE {name} SET {setting}" for setting in wrong))
    script = rollproof("repair", "--definitions-only").stdout

    assert psql(url, "-v", "ON_ERROR_STOP=1", given=script).returncode == 0


@pytest.mark.skipif(bool(lacking("demo", "vibes")), reason="the vibes migration needs rollproof[demo]")
def test_vibes_damaged_is_vibes_again(command, database, psql, tmp_path):
    own = {"DATABASE_URL": database, "PORT": "1", "PYTHON": sys.executable, "VIBES_URL": "-", "VIBES_TOKEN": "-"}
    story = Story.read(VIBES / "rehearsal.toml")
    run([f"{each} --scale=0.02" for each in story.setup], VIBES, own)
    configuration = (VIBES / "rollproof.toml").read_text("utf-8").partition("[[plans]]")[0]
    (tmp_path / "rollproof.toml").write_text(configuration, "utf-8")
    assert command(tmp_path, "capture", "--database-url", database).returncode == 0
    for step in (story.migrate, story.rollback):
        run(step, VIBES, own)
    do(database, OF_VIBES)

    proven = command(tmp_path, "repair", "--prove", "--database-url", database)
    ran = psql(database, "-v", "ON_ERROR_STOP=1", given=proven.stdout)

    assert proven.returncode == 0, proven.output
    assert "heals 5 of 5 differences" in proven.stdout
    assert ran.returncode == 0, ran.stderr
    assert command(tmp_path, "verify", "--database-url", database).returncode == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_proves_as_well(night, open_folder, tmp_path):
    url, _ = night
    python = next((each for each in (sys.executable, "/usr/bin/python3") if _same_python(each)), None)
    if python is None:
        pytest.skip("every Python of this version is in a folder closed to others")
    shutil.copy(tmp_path / "baseline.json", open_folder)
    (open_folder / "baseline.json").chmod(0o644)
    paths = os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])
    environment = {"PATH": os.environ["PATH"], "HOME": "/", "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    words = ["repair", "--prove", "--database-url", url, "--other-database", "--reference", "baseline.json"]
    done = subprocess.run(
        [python, "-m", "rollproof", *words],
        env=environment,
        cwd=open_folder,
        user="nobody",
        group="nogroup",
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("-- Proven on a clone (")


def _same_python(python):
    asked = [python, "-c", "import sys, json; print(json.dumps(sys.version_info[:2]))"]
    try:
        told = subprocess.run(asked, user="nobody", cwd="/", capture_output=True, text=True, check=False)
    except PermissionError:
        return False
    return told.returncode == 0 and tuple(json.loads(told.stdout)) == sys.version_info[:2]
