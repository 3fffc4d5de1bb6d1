"""Text from outside is shown by its codes where it has no shape, and SQL stays what it was."""

import io
import re

import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from rollproof.cli import main
from rollproof.leaving import Door
from rollproof.pasteable import escaped, pasteable
from rollproof.printable import BLANK, harmless, in_sql, one_line, remember, unbidden, visible
from rollproof.secrets import secrets_in
from rollproof.spelling import typed

PIECES = ["\x1b[2J", "\n", "\r", "\t", "\u202e", "\u200d", "\x85", "\U000e0041", "\\", "'", '"', "$$", "$"]
PIECES += ["##[error]", "::x::", "--", "/*"]
READS = "reads"
TEXTS = st.lists(st.sampled_from([*PIECES, "a", "B", " ", "ä", "1"]), min_size=1, max_size=9).map("".join)
COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE | re.IGNORECASE)


def shapeless(text):
    return [letter for letter in text if letter != "\n" and (letter in BLANK or not letter.isprintable())]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("größe 表 שם \\x1b", "größe 表 שם \\x1b"),
        ("a\x1b\u202e\u200b\x85\ud800\U000e0041", r"a\x1b\u202e\u200b\x85\ud800\U000e0041"),
        ("a\nb\tc\r", "a\nb\tc\\r"),
        ("::error::x", r"\x3a:error::x"),
        ("x\n \t::add-mask::y", "x\n \t\\x3a:add-mask::y"),
        ("x ##[error]y ##VSO[z] ##teamcity[t] # ## [", r"x \x23#[error]y \x23#VSO[z] \x23#teamcity[t] # ## ["),
        ("a::b", "a::b"),
        ("\x1b[0Ksection_start:1:x\r\x1b[0K", r"\x1b[0Ksection_start:1:x\r\x1b[0K"),
    ],
)
def test_what_has_no_shape_or_commands_is_shown_by_its_code(text, shown):
    assert harmless(text) == shown
    assert harmless(shown) == shown


def test_a_line_that_has_begun_is_no_command():
    assert unbidden("::text", inside=True) == "::text"
    assert one_line("a\nb") == r"a\nb"


def test_an_odd_name_is_one_name_in_every_text():
    """And a real backslash in it is told from a code."""
    remember(['public."odd\n\\x1b" (table)', 'public."plain name"'])

    assert visible('permission denied for "odd\n\\x1b", see\n"plain name"') == (
        'permission denied for U&"odd\\000A\\\\x1b", see\n"plain name"'
    )


@given(TEXTS)
def test_a_name_as_it_is_shown_can_be_typed(raw):
    quoted = '"' + raw.replace('"', '""') + '"'

    assert typed(f"public.{in_sql(quoted)}") == typed(f"public.{quoted}")
    assert shapeless(in_sql(quoted)) == []


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


def test_what_is_printed_keeps_what_needs_no_code():
    body = "CREATE FUNCTION f() RETURNS text AS $f$\nBEGIN\n\tRETURN 'ä\\x1b'::bytea;\nEND\n$f$;"

    assert pasteable(body) == body
    assert not escaped([body])
    assert escaped(["SELECT " + in_sql('"a\nb"')])
    assert pasteable("-- columns a\nDROP TABLE b: left") == "-- columns a DROP TABLE b: left"
    assert pasteable("CREATE SERVER s OPTIONS (password 'p')").startswith("-- not shown, for it holds a password")


def test_a_door_hides_and_shows_whatever_the_stream_can_write():
    behind = io.TextIOWrapper(io.BytesIO(), "ascii")
    door = Door(behind, secrets_in(["postgresql://u:ab@h/d"], {}))
    for text in ("ä\x1b", "x", "::in the line\n", "::error\n", "me:ab@h ab"):
        door.write(text)
    behind.flush()

    assert behind.buffer.getvalue().decode() == "\\xe4\\x1bx::in the line\n\\x3a:error\nme:***@h ab"
    assert not hasattr(door, "buffer")


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
