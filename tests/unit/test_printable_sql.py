"""Statements as they may be printed: the same statement, without a hidden letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.every import every
from rollproof.model.names import typed
from rollproof.model.printable import BLANK, in_sql
from rollproof.model.printable_sql import escaped, pasteable

PIECES = ["\x1b[2J", "\n", "\r", "\t", "\u202e", "\u200d", "\x85", "\U000e0041", "\\", "'", '"', "$$", "$"]
PIECES += ["##[error]", "::x::", "--", "/*"]
TEXTS = st.lists(st.sampled_from([*PIECES, "a", "B", " ", "ä", "1"]), min_size=1, max_size=9).map("".join)


def shapeless(text):
    return [letter for letter in text if letter != "\n" and (letter in BLANK or not letter.isprintable())]


@given(TEXTS)
def test_a_name_as_it_is_shown_can_be_typed(raw):
    quoted = '"' + raw.replace('"', '""') + '"'

    assert typed(f"public.{in_sql(quoted)}") == typed(f"public.{quoted}")
    assert shapeless(in_sql(quoted)) == []


def test_what_is_printed_keeps_what_needs_no_code():
    body = "CREATE FUNCTION f() RETURNS text AS $f$\nBEGIN\n\tRETURN 'ä\\x1b'::bytea;\nEND\n$f$;"

    assert pasteable(body) == body
    assert not escaped([body])
    assert escaped(["SELECT " + in_sql('"a\nb"')])
    assert pasteable("-- columns a\nDROP TABLE b: left") == "-- columns a DROP TABLE b: left"
    assert pasteable("CREATE SERVER s OPTIONS (password 'p')").startswith("-- not shown, for it holds a password")


ESC = "\x1b"


@every(
    ("statement", "shown"),
    [
        (f"SELECT 'it''s {ESC}'", r"SELECT E'it''s \x1b'"),
        ("SELECT 'a\n\t\r\x85'", r"SELECT E'a\n\t\r\u0085'"),
        ("SELECT '\\ \U000e0041\uffff'", r"SELECT E'\\ \U000e0041\uffff'"),
        (f"SELECT E'\\'{ESC}'", r"SELECT E'\'\x1b'"),
        (f'SELECT "a{ESC}"', r'SELECT U&"a\001B"'),
        (f"SELECT $f$ it's {ESC} \\ $f$", r"SELECT E' it''s \x1b \\ '"),
        ("SELECT $f$\nVERIFIED\n$f$", r"SELECT E'\nVERIFIED\n'"),
        ("SELECT $f$\n VERIFIED\n$f$", "SELECT $f$\n VERIFIED\n$f$"),
        ("SELECT 'ä', \"ö\", $$ü\nü$$, 1", "SELECT 'ä', \"ö\", $$ü\nü$$, 1"),
        ("SELECT '##[error]'", r"SELECT E'\x23#[error]'"),
    ],
)
def test_a_hidden_letter_is_written_by_its_code(statement, shown):
    assert pasteable(statement) == shown
    assert shapeless(pasteable(statement)) == []


@pytest.mark.parametrize("comment", ["-- a {} b\n", "/* a {} b */"])
@pytest.mark.parametrize("hidden", [ESC, "\u202e", "\x85", "##[error]"])
def test_a_comment_keeps_its_lines_and_loses_what_does_harm(comment, hidden):
    shown = pasteable(f"SELECT 'a' {comment.format(hidden)} FROM t")

    assert hidden not in shown
    assert shown.startswith("SELECT 'a' " + comment[:4])
    assert shown.endswith((" b\n FROM t", " b */ FROM t"))


def test_what_stands_outside_of_quotes_does_no_harm_either():
    assert pasteable(f"SELECT 'a' {ESC}[2J\u202e b\nFROM t") == pasteable(f"SELECT 'a' {ESC}[2J\u202e b\nFROM t")
    assert shapeless(pasteable(f"SELECT 'a' {ESC}[2J\u202e b\nFROM t")) == []
    assert "\nFROM t" in pasteable(f"SELECT 'a' {ESC} b\nFROM t")


@every(
    ("statement", "named"),
    [
        ("CREATE USER MAPPING FOR a SERVER b OPTIONS (password 'p')", "CREATE USER MAPPING FOR a SERVER b OPTIONS"),
        ("-- why\n  ALTER ROLE \"x\" PASSWORD 'p'", "ALTER ROLE"),
        ("ALTER " + "long " * 20 + "OPTIONS (password 'p')", ("ALTER " + "long " * 20)[:60].strip()),
        ("\"x\" OPTIONS (password 'p')", "\"x\" OPTIONS (password 'p')"[:60]),
    ],
)
def test_a_statement_with_a_password_is_only_named(statement, named):
    if named.startswith('"'):
        assert pasteable(statement).startswith('-- not shown, for it holds a password: "x" OPTIONS')
        return
    assert pasteable(statement) == f"-- not shown, for it holds a password: {named} …"


@every(
    ("statement", "by_code"),
    [
        (r'SELECT U&"a\001b"', True),
        (r'SELECT u&"a"', True),
        (r"SELECT E'\u0085'", True),
        (r"SELECT e'a" + "\n" + r"\U000e0041'", True),
        (r"SELECT E'\x1b'", False),
        ("SELECT U || E", False),
    ],
)
def test_codes_of_letters_are_told(statement, by_code):
    assert escaped(["SELECT 1", statement]) == by_code
