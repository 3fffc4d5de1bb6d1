"""Comparing two sides of a facet: every difference once, in order, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from fixtures.every import every
from rollproof.model.compare import Difference, compare
from rollproof.model.names import canonical
from rollproof.model.no_loss import ahead, analysed_as_well, same_but_for_version, told_more


def test_compare_finds_missing_left_and_changed_facts_in_order():
    was, now = {"c": "1", "b": "1", "same": "x"}, {"same": "x", "b": "2", "a": "1"}

    found = compare("columns", was, now)

    assert found == (
        Difference("columns", "a", None, "1"),
        Difference("columns", "b", "1", "2"),
        Difference("columns", "c", "1", None),
    )


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


@every(
    ("facet", "before", "after"),
    [
        ("comments", 'say "json"', "say json"),
        ("settings", '"json"', "json"),
        ("columns", "text DEFAULT '\"json\"'::text", "text DEFAULT 'json'::text"),
        ("functions", 'AS $f$ "json" $f$', "AS $f$ json $f$"),
        ("foreign_tables", 'SERVER s OPTIONS (table_name="json")', "SERVER s OPTIONS (table_name=json)"),
        ("constraints", 'CHECK ("json" > 1)', 'CHECK ("jsonb" > 1)'),
        ("columns", 'text DEFAULT "user"', "text DEFAULT user"),
        ("security_labels", '"json"', "json"),
        ("pg_dump", 'CREATE TABLE "json" ()', "CREATE TABLE json ()"),
        ("foreign_servers", "\"json\" OPTIONS (a '1')", "json OPTIONS (a '2')"),
    ],
)
def test_what_is_no_matter_of_spelling_is_a_difference(facet, before, after):
    assert len(compare(facet, {"x": before}, {"x": after})) == 1


# What a facet promises, was → is: True where the promise is kept.
SEQUENCES = {
    ("5", "5"): True,
    ("5", "6"): True,
    ("5", "4"): False,
    ("5 descending", "4 descending"): True,
    ("5 descending", "5 descending"): True,
    ("5 descending", "6 descending"): False,
    ("5", "4 descending"): False,
    ("5 descending", "6"): False,
    ("9 cycles", "1 cycles"): True,
    ("9 cycles", "1"): True,
    ("9", "10 cycles"): False,
    (None, "5"): True,
    ("5", None): True,
}
PLANNER = {
    (None, "never analysed"): True,
    ("analysed", None): True,
    ("never analysed", "analysed"): True,
    ("empty", "never analysed"): True,
    ("analysed", "never analysed"): False,
    ("analysed", "empty"): False,
    ("analysed", "analysed; not analysed: a"): False,
    ("analysed; not analysed: a", "analysed"): True,
    ("analysed; not analysed: a, b", "analysed; not analysed: b"): True,
    ("analysed; not analysed: b", "analysed; not analysed: b, c"): False,
    ('analysed; not analysed: "a, b"', "analysed; not analysed: a"): False,
    ('analysed; not analysed: "a"", b"', 'analysed; not analysed: "a"", b"'): True,
}
COLLATIONS = {
    ("icu VERSION '1'", "icu VERSION '2'"): True,
    ("icu VERSION '1'", "icu"): True,
    ("icu VERSION '1'", "libc VERSION '1'"): False,
    (None, "icu"): False,
    ("icu", None): False,
}
MEMBERS = {
    ("member", "member, owned by ann"): True,
    ("member, owned by ann", "member"): False,
    ("member", "owned by ann"): False,
    ("member, owned by ann", "member, owned by bob"): False,
    ("member", None): False,
}


@every(
    ("promise", "kept"),
    [(ahead, SEQUENCES), (analysed_as_well, PLANNER), (same_but_for_version, COLLATIONS), (told_more, MEMBERS)],
)
def test_what_is_judged_in_one_direction(promise, kept):
    assert {pair: promise(Difference("facet", "name", *pair)) for pair in kept} == kept


@every(
    ("facet", "before", "after"),
    [
        ("constraints", 'CHECK ("json" > 0)', "CHECK (json > 0)"),
        ("constraints", 'OPTIONS ("json" integer)', "OPTIONS (json integer)"),
        ("foreign_tables", "\"json\" integer OPTIONS (a '1')", "json integer OPTIONS (a '1')"),
    ],
)
def test_a_name_that_one_major_quotes_and_another_does_not_is_no_difference(facet, before, after):
    assert compare(facet, {"x": before}, {"x": after}) == ()
