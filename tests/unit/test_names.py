"""Names: quoted, split and put together as SQL writes them, whatever letters they have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.model.names import (
    QUOTED,
    mentions,
    names,
    requoted,
    respelled,
    schema_of,
    sql_name,
    table_of,
    tokens,
    unquoted,
)
from rollproof.settings.options import Settings
from rollproof.settings.sections import ForeignKey, Migration, TableRule

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


@every("identity", ["", "public", '"a.b"', "extension plpgsql", '"a"b.c', "public.", ".orders"])
def test_an_identity_without_a_path_has_no_table(identity):
    assert table_of(identity) is None


@every("typed", ["orders", "", "public.", 'public."x', "public.orders.id", "my table.x"])
def test_what_is_no_qualified_name_is_refused(typed):
    with pytest.raises(Misuse, match="as SQL writes it"):
        schema_of(typed)


def test_the_configuration_may_spell_a_name_as_any_server_does():
    settings = Settings(
        migration=Migration(tables=("public.json",), columns=("public.t.json",)),
        tables={"public.json": TableRule(may_grow=True)},
        foreign_key=(ForeignKey("public.t", ("json",), "public.json", ("id",)),),
    )

    assert settings.migration.columns == ('public.t."json"',)
    assert [*settings.tables] == [*settings.migration.tables] == ['public."json"']
    assert settings.foreign_key[0] == ForeignKey("public.t", ('"json"',), 'public."json"', ("id",))


@every(
    ("spelled", "ours"),
    [
        ("json", '"json"'),
        ("public.json(json, OUT json[]) (function) TO json", 'public."json"(json, OUT json[]) (function) TO "json"'),
        ("e: public.f(pg_catalog.json,json.json) (function)", 'e: public.f(json,"json"."json") (function)'),
        ("FOR json LANGUAGE json_table", 'FOR json LANGUAGE "json_table"'),
        ("work_mem FOR ROLE json IN DATABASE", 'work_mem FOR ROLE "json" IN DATABASE'),
        ("(json AS public.json) (cast)", '(json AS public."json") (cast)'),
        ("json ON json (user mapping)", '"json" ON "json" (user mapping)'),
        ("'json'", "'json'"),
        ('public."a""json".json_', 'public."a""json".json_'),
        ("public.jsonb.my_json", "public.jsonb.my_json"),
    ],
)
def test_an_identity_is_spelled_by_our_rule(spelled, ours):
    assert respelled(spelled) == ours
    assert respelled(ours) == ours


@given(
    st.lists(
        st.one_of(st.text(min_size=1).filter(lambda raw: "\0" not in raw), st.sampled_from(sorted(QUOTED))), min_size=1
    )
)
def test_any_name_can_be_written_and_read_again(raw):
    path = ".".join(map(sql_name, raw))

    assert [unquoted(name) for name in names(path)] == raw
    assert respelled(path) == path


@given(st.text(alphabet="\"'$-*/\\aeEU&_1 \n.json"))
def test_tokens_are_the_whole_text(text):
    assert "".join(part for _, part in tokens(text)) == text


@every(
    ("text", "name", "spoken"),
    [
        ("SELECT a FROM public.t", "public.t", True),
        ("SELECT a FROM public.t2", "public.t", False),
        ("SELECT a FROM x_public.t", "public.t", False),
        ('SELECT a FROM "public.t"', "public.t", False),
        ("SELECT a FROM public.t", "public.t.a", True),
        ("SELECT b FROM public.t", "public.t.a", False),
        ("SELECT a FROM public.u", "public.t.a", False),
        ("SELECT public.f(1)", "public.f(integer)", True),
        ("SELECT public.g(1)", "public.f(integer)", False),
        ("SELECT public.f(1)", "public.f(integer, text(3))", True),
        ("CREATE EXTENSION citext", "citext", True),
        ("t.public.", "t", True),
    ],
)
def test_sql_mentions_a_name_that_stands_in_it_by_itself(text, name, spoken):
    assert mentions(text, name) == spoken


@every(
    ("path", "parts", "wanted"),
    [
        ("a.b", 1, "a name"),
        ("a", 2, "a name with its schema"),
        ("a", 3, "3 names"),
        ("x" * 90, 2, "a name with its schema"),
    ],
)
def test_a_path_of_another_length_is_refused_with_what_is_wanted(path, parts, wanted):
    with pytest.raises(Misuse) as raised:
        requoted(path, parts)

    expected = f"{path[:80]!r} is not {wanted} as SQL writes it, in double quotes where it needs them"
    assert str(raised.value) == expected


def test_a_path_is_requoted_name_by_name():
    assert requoted('"a"."B c".json', 3) == 'a."B c"."json"'
