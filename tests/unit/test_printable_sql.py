"""Statements as they may be printed: the same statement, without a hidden letter."""

from hypothesis import given
from hypothesis import strategies as st

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
