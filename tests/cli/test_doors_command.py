"""Doors as the command line has them: one whole rehearsal, and bad input, which is one sentence before anything begins."""

import json
import shlex
import shutil
import sys

import jsonschema
import pytest

from fixtures.every import every
from rollproof.system.bundle import suite_root

SHOP = "CREATE TABLE customers (id int PRIMARY KEY, name text)"
STATEMENTS = "SELECT id\nFROM customers;\n\nSELECT name FROM customers;\nSELEKT 1;\n"


def sql(text):
    """Return a command that runs statements: psql, which starts quickest, where there is one."""
    if shutil.which("psql"):
        return f"psql -qXv ON_ERROR_STOP=1 -c {shlex.quote(text)}"
    runs = "import os, psycopg, sys; psycopg.connect(os.environ['DATABASE_URL'], autocommit=True).execute(sys.argv[1])"
    return shlex.join([sys.executable, "-c", runs, text])


@pytest.fixture
def rehearsed(command, server, tmp_path):
    """A rehearsal of a renamed column, with the old application's statements and a command of it."""
    (tmp_path / "shop.sql").write_text(SHOP, "utf-8")
    (tmp_path / "app.sql").write_text(STATEMENTS, "utf-8")
    typed = ["rehearse", "--server", server.dsn("postgres"), "--source", "shop.sql"]
    typed += ["--migrate", sql("ALTER TABLE customers RENAME name TO full_name")]
    typed += ["--rollback", sql("ALTER TABLE customers RENAME full_name TO name")]
    typed += ["--old-application", sql("SELECT id FROM customers")]
    return command(tmp_path, *typed, "--statements", "app.sql", "--require-doors", "old/new")


def test_a_rehearsal_tells_a_closed_door_everywhere_and_ends_with_1(rehearsed, tmp_path):
    told = json.loads((tmp_path / "rollproof-report/rehearsal.json").read_text("utf-8"))
    jsonschema.validate(told, json.loads((suite_root() / "reports/rehearsal.schema.json").read_text("utf-8")))
    (doors,) = (stage["doors"] for stage in told["rehearsals"][0]["stages"] if stage["doors"])

    assert (rehearsed.returncode, told["verdict"]) == (1, "A DOOR IS CLOSED"), rehearsed.output
    assert "old application  works       refused" in rehearsed.stdout
    assert 'old/new refused: app.sql:4: SELECT name FROM customers column "name" does not exist' in rehearsed.said
    assert doors["notes"] == [
        "no role is named for 3 statements and 1 command, so nobody sees what the application may not do (--application-role)"
    ]
    assert [each["word"] for each in doors["corners"]] == ["works", "refused", "not asked", "not asked"]
    assert [each["new_schema"]["word"] for each in doors["statements"]] == ["works", "refused", "not asked"]
    assert [each["code"] for corner in doors["corners"] for each in corner["commands"]] == [0, 0]


SENTENCES = {
    ("--statements", "nosuch.sql"): "--statements nosuch.sql: there is no such file",
    ("--new-statements", "nosuch.sql"): "--new-statements nosuch.sql: there is no such file",
    ("--statements", "empty.sql"): "--statements empty.sql: there is no statement in it",
    ("--statements", "comment.sql"): "--statements comment.sql: there is no statement in it",
    ("--statements", "app.sql", "--require-doors", "old-new"): "--require-doors old-new: that is no pair; write ",
    (
        "--statements",
        "app.sql",
        "--require-doors",
        "new/old",
    ): "--require-doors new/old: nobody said what the new application",
    ("--application-role", "app"): "--application-role app: of which application?",
    ("--statements", "pg_stat_statements"): "--statements pg_stat_statements: ",
    ("--statements", "log"): "--statements log: ",
    ("--statements", "log:nosuch.csv"): "--statements log:nosuch.csv: ",
}


@every("asked", SENTENCES)
def test_bad_input_is_one_sentence_before_anything_begins(command, tmp_path, asked):
    for name, text in {"empty.sql": "", "comment.sql": "-- nothing\n", "app.sql": "SELECT 1;"}.items():
        (tmp_path / name).write_text(text, "utf-8")
    ended = command(tmp_path, "rehearse", "--migrate", "true", "--rollback", "true", *asked)

    assert ended.returncode == 4, ended.output
    assert SENTENCES[asked] in ended.said
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_role_that_is_not_there_is_misuse(command, server, tmp_path):
    (tmp_path / "app.sql").write_text("SELECT 1;", "utf-8")
    typed = ["rehearse", "--server", server.dsn("postgres"), "--migrate", "true", "--rollback", "true"]
    ended = command(tmp_path, *typed, "--statements", "app.sql", "--application-role", "no such role")

    assert ended.returncode == 4, ended.output
    assert "--application-role no such role: the throw-away server has no such role, only " in ended.said
