"""Names: quoted, split and put together as SQL writes them, whatever letters they have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollproof.errors import Misuse
from rollproof.spelling import schema_of, sql_name, table_of, unquoted

# PostgreSQL refuses only the empty name and the zero byte.
raw_names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
hostile_names = raw_names | st.text("\". ()'$\n%{}[]/\\:", min_size=1, max_size=6)


@given(raw_names | hostile_names)
def test_a_name_survives_its_quotes(raw):
    assert unquoted(sql_name(raw)) == raw


@given(hostile_names, hostile_names, st.sampled_from(["", ".", " (column)", " (a, b)", "."]), hostile_names)
def test_an_identity_begins_with_its_table_whatever_the_names(schema, name, mark, more):
    table = f"{sql_name(schema)}.{sql_name(name)}"

    assert table_of(table) == table
    assert table_of(table + mark + (sql_name(more) if mark == "." else "")) == table
    assert schema_of(table) == sql_name(schema)


@pytest.mark.parametrize("identity", ["", "public", '"a.b"', "extension plpgsql", '"a"b.c', "public.", ".orders"])
def test_an_identity_without_a_path_has_no_table(identity):
    assert table_of(identity) is None


@pytest.mark.parametrize("typed", ["orders", "", "public.", 'public."x', "public.orders.id", "my table.x"])
def test_what_is_no_qualified_name_is_refused(typed):
    with pytest.raises(Misuse, match="as SQL writes it"):
        schema_of(typed)
