"""Any text, written as TOML, is read as it was, and stands on one visible line."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from rollproof.model.toml_text import comment, text, texts

ANY = st.text(st.characters(exclude_categories=["Cs"]))


@given(ANY, st.lists(ANY))
def test_what_is_written_is_read(value, values):
    written = f"[tables.{text(value)}]\nvalue = {text(value)}\nvalues = {texts(values)}\n{comment(value)}\n"

    assert tomllib.loads(written) == {"tables": {value: {"value": value, "values": values}}}
    assert all(line.isprintable() for line in written.split("\n"))
    assert "##" not in text(value)
