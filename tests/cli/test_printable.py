"""Text from outside is shown by its codes where it has no shape, and SQL stays what it was."""

import re

import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from rollproof.cli import main
from rollproof.model.printable import BLANK
from rollproof.model.printable_sql import pasteable

PIECES = ["\x1b[2J", "\n", "\r", "\t", "\u202e", "\u200d", "\x85", "\U000e0041", "\\", "'", '"', "$$", "$"]
PIECES += ["##[error]", "::x::", "--", "/*"]
READS = "reads"
TEXTS = st.lists(st.sampled_from([*PIECES, "a", "B", " ", "ä", "1"]), min_size=1, max_size=9).map("".join)
COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE | re.IGNORECASE)


def shapeless(text):
    return [letter for letter in text if letter != "\n" and (letter in BLANK or not letter.isprintable())]


@pytest.fixture(scope="module")
def admin(server):
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        yield connection


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS)
def test_a_statement_means_the_same_when_it_may_be_printed(admin, raw, other):
    name, text, body = (raw.replace('"', '""'), other.replace("'", "''"), other.replace("$q$", ""))
    coded = other.replace("\\", "\\\\").replace("'", "\\'")
    remark = name.replace("*", "").replace("/", "")
    statement = f"""SELECT '{text}' AS "{name}", $q${body}$q$, E'{coded}' /* {remark} */"""
    told = pasteable(statement)
    was, now = admin.execute(statement.encode()), admin.execute(told.encode())

    assert now.fetchall() == was.fetchall() == [(other, body, other)]
    assert now.description[0].name == was.description[0].name
    assert [letter for letter in shapeless(told) if letter != "\t"] == []
    assert COMMAND.findall(told) == []


def test_a_role_with_an_odd_name_is_told_the_grants_that_it_lacks(admin, server, new_database):
    """They were run: then nothing is missing."""
    name, url = '"reader\n::error::\x1b[2J"', server.dsn(new_database())
    admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{READS}'")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE SCHEMA closed; CREATE TABLE closed.t (i int); CREATE TABLE u (i int)")
        typed = ["--database-url", make_conninfo(url, user=name[1:-1], password=READS), "--reference", "none.json"]
        told = CliRunner().invoke(main, ["capture", *typed[:2], "--output", "none.json"])
        for grants in re.findall("cannot be read: (GRANT .*)", told.stderr):
            owner.execute(grants.encode())
        again = CliRunner().invoke(main, ["capture", *typed[:2], "--output", "/dev/null/none.json"])
        owner.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")

    assert told.exit_code == 7
    assert "GRANT SELECT ON closed.t TO U&" in told.stderr
    assert shapeless(told.stdout + told.stderr) == []
    assert COMMAND.findall(told.stdout + told.stderr) == []
    assert "cannot be read" not in again.stderr
