"""Comparing two sides of a facet: every difference once, in order, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollproof.model.compare import Difference, compare, sentence
from rollproof.model.names import canonical


def test_compare_finds_missing_left_and_changed_facts_in_order():
    was, now = {"c": "1", "b": "1", "same": "x"}, {"same": "x", "b": "2", "a": "1"}

    found = compare("columns", was, now)

    assert found == (
        Difference("columns", "a", None, "1"),
        Difference("columns", "b", "1", "2"),
        Difference("columns", "c", "1", None),
    )
    assert [str(each).splitlines()[0] for each in found] == ["a was left behind", "b changed", "c is missing"]


def test_compare_does_not_take_an_empty_description_for_a_missing_fact():
    assert compare("comments", {"a": ""}, {}) == (Difference("comments", "a", "", None),)


facts = st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=6)


@given(facts, facts)
def test_compare_is_empty_exactly_when_both_are_equal(was, now):
    found = compare("any", was, now)

    assert (found == ()) == (was == now)
    assert [(each.identity, each.after, each.before) for each in found] == [
        (each.identity, each.before, each.after) for each in compare("any", now, was)
    ]


def test_a_sentence_counts_what_it_does_not_show():
    text = sentence("rows", [Difference("rows", f"t{n}", "1", "2") for n in range(23)])

    assert text.startswith("rows: 23 not restored\n")
    assert text.endswith("and 3 more, all in result.json")


def test_only_names_lose_their_quotes_for_a_comparison():
    """Not what a string, a dollar quote or a comment says, and no other name."""
    text = """CHECK ("json" <> ' "json" ''' || E'\\'"json"' || U&"json" || $x$ "json" $x$ || $$ "json" $$ || "a""json" || "Json")
        /* "json" /* "json" */ "json" */ AND public."json_table" IS NULL -- "json"
        AND "merge_action" > "user" """

    assert canonical(text) == (
        text.replace('("json"', "(json")
        .replace('public."json_table"', "public.json_table")
        .replace('"merge_action"', "merge_action")
    )


@pytest.mark.parametrize(
    ("facet", "before", "after"),
    [
        ("comments", 'say "json"', "say json"),
        ("settings", '"json"', "json"),
        ("columns", "text DEFAULT '\"json\"'::text", "text DEFAULT 'json'::text"),
        ("functions", 'AS $f$ "json" $f$', "AS $f$ json $f$"),
        ("foreign_tables", 'SERVER s OPTIONS (table_name="json")', "SERVER s OPTIONS (table_name=json)"),
        ("constraints", 'CHECK ("json" > 1)', 'CHECK ("jsonb" > 1)'),
        ("columns", 'text DEFAULT "user"', "text DEFAULT user"),
    ],
)
def test_what_is_no_matter_of_spelling_is_a_difference(facet, before, after):
    assert len(compare(facet, {"x": before}, {"x": after})) == 1
