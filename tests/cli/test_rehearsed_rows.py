"""`rollproof rehearse` on tables without rows, and with writes in between, as a user types it."""

import json
import os
import shlex
import sys

import pytest

BY_NIGHT = pytest.mark.skipif(not os.environ.get("ROLLPROOF_NIGHT"), reason="by night, or with ROLLPROOF_NIGHT=1")

SOURCE = "CREATE TABLE people (id int PRIMARY KEY, born text); CREATE TABLE notes (id int PRIMARY KEY, note text)"
SAYS = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL'], autocommit=True).execute({!r})"


def _sql(statement):
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(SAYS.format(statement))}"


@pytest.mark.promise
def test_a_loss_shows_on_rows_of_our_making_and_writes_are_told(command, tmp_path):
    """A rollback that makes a column anew looks honest on an empty table, and does not where there are rows."""
    (tmp_path / "schema.sql").write_text(SOURCE)
    asked = ["rehearse", "--source", "schema.sql", "--migrate", _sql("ALTER TABLE notes DROP note")]
    back = ["--rollback", _sql("ALTER TABLE notes ADD note text")]

    lost = command(tmp_path, *asked, *back, "--traffic", "DELETE FROM notes")

    assert lost.returncode == 1
    assert "note: 40 rows made in 2 tables that had none (--fill); the same ones each time" in lost.output
    assert "not tried: without any writes, the rollback does not put the database back" in " ".join(lost.output.split())


@BY_NIGHT
def test_a_migration_that_fails_on_rows_of_our_making_is_rehearsed_without_them(command, tmp_path):
    (tmp_path / "schema.sql").write_text(SOURCE)
    up, down = (
        _sql("ALTER TABLE people ALTER born TYPE date USING born::date"),
        _sql("ALTER TABLE people ALTER born TYPE text"),
    )
    asked = ["rehearse", "--source", "schema.sql", "--migrate", up, "--rollback", down]

    ended = command(tmp_path, *asked, "--traffic", "INSERT INTO people VALUES (7, '2024-05-05')")

    assert ended.returncode == 0, ended.output
    told = json.loads((tmp_path / "rollproof-report" / "rehearsal.json").read_text())
    assert "public.people: 1 row inserted (1 kept)" in json.dumps(told)
    assert "the migration fails on rows of our making: " in json.dumps(told)
    assert "it was rehearsed with no rows in public.people" in json.dumps(told)
    assert "20 rows made in 1 table that had none" in json.dumps(told)
    assert "PARTLY VERIFIED" in ended.output
