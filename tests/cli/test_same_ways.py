"""`doctor`, `repair` and `verify` take the same words: the same references, the same limits, the same places."""

import re
import subprocess
import time

import psycopg
import pytest

from fixtures.every import every
from fixtures.readers import execute

LIMITS = (
    *("--jobs", "1", "--lock-timeout", "1", "--statement-timeout", "60", "--max-duration", "300"),
    *("--max-snapshot-age", "600", "--max-replica-lag", "60", "--max-active-sessions", "90", "--max-pause", "10"),
)
COPY = "CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.things_backup AS TABLE things"


@pytest.fixture
def damaged(database):
    """A database that lost an index after its copies were made."""
    execute(database, "CREATE TABLE things (id integer PRIMARY KEY, name text)", COPY)
    return database


@pytest.fixture
def dump(server, damaged, tmp_path):
    """Call it with a format of pg_dump for a dump with that index."""
    if server.bindir is None or not (server.bindir / "pg_dump").is_file():
        pytest.skip(f"{server.name} brings no pg_dump")

    def make(form):
        path = tmp_path / f"shop.{form}"
        execute(damaged, "CREATE INDEX IF NOT EXISTS things_name ON things (name)")
        words = [server.bindir / "pg_dump", f"-F{form[0]}", "-N", "migration_backup", "-f", path, damaged]
        subprocess.run(words, check=True, capture_output=True)
        execute(damaged, "DROP INDEX things_name")
        return path

    return make


@every("form", ["directory", "tar", "plain"])
def test_a_dump_is_told_by_its_first_bytes(form, dump, damaged, command, tmp_path):
    doctor = command(tmp_path, "doctor", "--database-url", damaged, "--reference", dump(form))

    assert f"reference  {tmp_path}/shop.{form}, a dump in {form} format" in doctor.stdout, doctor.output


def test_statements_are_made_of_a_dump_by_either_name(dump, damaged, command, tmp_path):
    path = dump("custom")
    for flag in ("--reference", "--backup-file"):
        done = command(tmp_path, "repair", "--database-url", damaged, flag, path)
        assert "CREATE INDEX things_name ON public.things" in done.stdout, done.output


def test_verify_takes_a_dump_for_one_whatever_it_is_called(dump, damaged, command, tmp_path):
    path = dump("custom").rename(tmp_path / "baseline.json")

    done = command(tmp_path, "verify", "--database-url", damaged, "--reference", path, "-k", "indexes or rows")

    assert done.returncode == 1, done.output
    assert "a dump in custom format" in done.said
    assert "index things_name missing" in done.said


@pytest.mark.parametrize("name", ["doctor", "repair"])
def test_the_copies_are_a_reference(name, damaged, command, tmp_path):
    done = command(tmp_path, name, "--database-url", damaged, "--reference", "backup")

    assert done.returncode == 0, done.output
    assert re.search(
        "the migration's own copies: 1 table in schema migration_backup|only a baseline can tell", done.stdout
    )


def test_doctor_looks_at_a_database_that_is_the_reference(damaged, new_database, server, command, tmp_path):
    other = server.dsn(new_database())
    execute(other, "CREATE TABLE hidden (id integer)", "CREATE ROLE rollproof_half LOGIN PASSWORD 'x'")
    try:
        half = psycopg.conninfo.make_conninfo(other, user="rollproof_half", password="x")  # noqa: S106 (of a role that lives for this test)
        done = command(tmp_path, "doctor", "--database-url", damaged, "--reference", half)
    finally:
        execute(other, "DROP ROLE rollproof_half")

    assert done.returncode == 7, done.output
    assert "reference  rollproof_half@" in done.stdout
    assert "GRANT SELECT ON public.hidden TO rollproof_half (in the reference)" in done.stderr


def test_every_command_takes_the_same_limits(damaged, command, tmp_path):
    typed = (["capture"], ["doctor"], ["repair"], ["verify", "-k", "rows"], ["init"])
    done = {words[0]: command(tmp_path, *words, "--database-url", damaged, *LIMITS) for words in typed}

    assert {name: each.output for name, each in done.items() if each.returncode} == {}


def test_every_command_may_be_gentle(command, tmp_path):
    """Nobody is there, so that nothing rests: what that does to a reading, tests/server/test_pacing.py tries."""
    nobody = ("--database-url", "postgresql://127.0.0.1:1/d", "--gentle")
    typed = (["capture"], ["init"], *([name, "--reference", "backup"] for name in ("doctor", "repair", "verify")))
    done = {words[0]: command(tmp_path, *words, *nobody) for words in typed}

    assert {name: each.output for name, each in done.items() if "Connection refused" not in each.output} == {}


def test_two_references_are_refused_by_every_command(command, tmp_path):
    both = ("--backup-file", "a.dump", "--reference", "b.json")
    for name in ("doctor", "repair", "verify"):
        done = command(tmp_path, name, "--database-url", "postgresql://127.0.0.1:1/d", *both)
        assert (done.returncode, "--backup-file is the reference already" in done.stderr) == (4, True)


def test_a_baseline_that_is_too_old_makes_no_repair(damaged, command, tmp_path):
    command(tmp_path, "capture", "--database-url", damaged)
    time.sleep(1.1)  # ages are told in whole seconds
    words = ("--database-url", damaged, "--max-baseline-age", "0.000001")

    repair, doctor = (command(tmp_path, name, *words) for name in ("repair", "doctor"))

    assert (repair.returncode, repair.stdout) == (7, "")
    assert "too old to prove anything" in repair.stderr
    assert "WARNING: the baseline baseline.json is too old" in doctor.stdout


def test_doctor_says_which_configuration_holds_and_how_much_there_is_to_read(damaged, command, tmp_path):
    without = command(tmp_path, "doctor", "--database-url", damaged).stdout
    (tmp_path / "rollproof.toml").write_text("jobs = 1")

    assert "config     none: no rollproof.toml is here" in without
    assert "config     rollproof.toml" in command(tmp_path, "doctor", "--database-url", damaged).stdout
    assert "content    1 table, about 0 MB: some 1 s to scan" in without
    assert "copies     1 table in the backup" in without
