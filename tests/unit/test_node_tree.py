"""Stored expressions: which calls stay calls when the planner works out constants; doubt is always no."""

import pytest

from fixtures.every import every
from rollproof.model.node_tree import Node, StrangeError, parsed, stay_calls

MINE, MY_OPERATOR, OWN, LAST_OWN, FIRST_OF_USERS = 20000, 30000, 100, 16383, 16384
COLUMN = "{VAR :varno 1 :varattno 2}"
CONSTANT = r"{CONST :consttype 23 :constisnull false :constvalue 4 [ 1 0 0 0 ]}"
NULL = "{CONST :consttype 23 :constisnull true :constvalue <>}"


def call(function, *arguments, kind="FUNCEXPR", by="funcid"):
    return f"{{{kind} :{by} {function} :args ({' '.join(arguments)})}}"


def operator(number, *arguments, kind="OPEXPR"):
    return call(number, *arguments, kind=kind, by="opno")


def node(kind, *of):
    return f"{{{kind} :arg {' '.join(of)}}}"


STAY = {
    "a column": COLUMN,
    "a constant": CONSTANT,
    "a column as it is": call(MINE, COLUMN),
    "a column and constants": call(MINE, NULL, COLUMN, CONSTANT),
    "an operator, of a column": operator(MY_OPERATOR, COLUMN, NULL),
    **{f"a column under {kind}": call(MINE, node(kind, COLUMN))
       for kind in ("RELABELTYPE", "COERCEVIAIO", "COLLATEEXPR", "COLLATE")},
    "a column in the first place of COALESCE": call(MINE, "{COALESCEEXPR :args (" + f"{COLUMN} {CONSTANT})}}"),
    "the same as older majors call it": call(MINE, "{COALESCE :args (" + f"{COLUMN})}}"),
    "PostgreSQL's own of a column": call(MINE, call(LAST_OWN, COLUMN)),
    "PostgreSQL's own of a column and what is there": call(MINE, call(OWN, CONSTANT, COLUMN)),
    "PostgreSQL's own operator of a column": call(MINE, operator(OWN, COLUMN, CONSTANT)),
    "another function of constants": call(MINE + 1, CONSTANT),
    "a function with the number of an operator": call(MY_OPERATOR, CONSTANT),
    "an operator with the number of a function": operator(MINE, CONSTANT),
    "a list of columns": f"({COLUMN} {call(MINE, COLUMN)})",
}  # fmt: skip
MAY_BE_CALLED = {
    "a constant": call(MINE, CONSTANT),
    "nothing": call(MINE),
    **{f"a constant, by {kind}": operator(MY_OPERATOR, CONSTANT, kind=kind)
       for kind in ("OPEXPR", "DISTINCTEXPR", "NULLIFEXPR", "SCALARARRAYOPEXPR")},
    "inside a condition": "{BOOLEXPR :boolop and :args (" + call(MINE, CONSTANT) + ")}",
    "inside another call": call(OWN, COLUMN, call(MINE, CONSTANT)),
    "the second of a list": f"({COLUMN} {call(MINE, CONSTANT)})",
    "a constant under a relabelled type": call(MINE, node("RELABELTYPE", CONSTANT)),
    "two things under one": call(MINE, node("RELABELTYPE", COLUMN, COLUMN)),
    "no thing under one": call(MINE, "{RELABELTYPE :resulttype 25}"),
    "a word under one": call(MINE, node("RELABELTYPE", "<>")),
    "a constant before the column in COALESCE": call(MINE, "{COALESCEEXPR :args (" + f"{CONSTANT} {COLUMN})}}"),
    "a NULL beside the column": call(MINE, call(OWN, COLUMN, NULL)),
    "a call of constants beside the column": call(MINE, call(OWN, COLUMN, call(OWN, CONSTANT))),
    "a user's function of a column": call(MINE, call(FIRST_OF_USERS, COLUMN)),
    "PostgreSQL's own of constants": call(MINE, call(OWN, CONSTANT)),
    "PostgreSQL's own of nothing": call(MINE, call(OWN)),
    "PostgreSQL's own, another kind of node": call(MINE, operator(OWN, COLUMN, kind="DISTINCTEXPR")),
    "a domain, whose checks are planned": "{COERCETODOMAIN :arg " + COLUMN + "}",
    "a node that we do not know": "{SUBLINK :subselect 1}",
}  # fmt: skip


@every("tree", STAY.values())
def test_a_call_that_is_given_a_column_stays_a_call(tree):
    assert stay_calls(tree, {MINE}, {MY_OPERATOR})


@every("tree", MAY_BE_CALLED.values())
def test_what_may_be_worked_out_beforehand_is_told(tree):
    assert not stay_calls(tree, {MINE}, {MY_OPERATOR})


STRANGE = {
    "{VAR": "a bracket has no partner",
    "(": "a bracket has no partner",
    "[1": "a bracket has no partner",
    "(1]": "a bracket has no partner",
    "VAR}": "a bracket has no partner",
    ")": "a bracket has no partner",
    "(})": "a bracket has no partner",
    "{}": "a node without a name",
    "{{VAR}}": "a node without a name",
    "{VAR x}": "VAR holds x",
    "{VAR :a 1 :a 2}": "VAR has a twice",
}


@every(("text", "reason"), STRANGE.items())
def test_what_is_no_tree_is_no_tree(text, reason):
    with pytest.raises(StrangeError) as raised:
        parsed(text)

    assert str(raised.value) == reason
    assert not stay_calls(text, {MINE}, {MY_OPERATOR})


@every(
    "tree",
    [
        "{FUNCEXPR :args (" + COLUMN + ")}",
        "{FUNCEXPR :funcid one :args (" + COLUMN + ")}",
        "{FUNCEXPR :funcid 20000 20000 :args (" + COLUMN + ")}",
        "{FUNCEXPR :funcid (20000) :args (" + COLUMN + ")}",
        "{FUNCEXPR :funcid 20000}",
        "{FUNCEXPR :funcid 20000 :args <>}",
        "{FUNCEXPR :funcid 20000 :args " + COLUMN + "}",
        "{FUNCEXPR :funcid 20000 :args (" + COLUMN + ") (" + COLUMN + ")}",
        "{FUNCEXPR :funcid 20000 :args (" + COLUMN + " i)}",
        "(" * 100_000,
    ],
)
def test_a_call_that_is_not_as_we_know_them_is_doubt(tree):
    assert not stay_calls(tree, {MINE}, {MY_OPERATOR})


def test_a_tree_is_its_nodes_their_fields_and_lists():
    (found,) = parsed(r"{A :b 1 (2 {C :e x\ \)y}) [3 4] :d}")

    assert found == Node("A", {"b": ["1", ["2", Node("C", {"e": [r"x\ \)y"]})], ["3", "4"]], "d": []})
    assert parsed("") == []
    assert parsed("1 {A} (2)") == ["1", Node("A"), ["2"]]


def test_a_number_is_one_word_of_digits():
    fields = {"one": ["7"], "two": ["7", "8"], "word": ["x"], "list": [["7"]]}

    assert Node("A", fields).number("one") == 7
    for name in ("two", "word", "list", "none"):
        with pytest.raises(StrangeError, match=f"^A has no {name}$"):
            Node("A", fields).number(name)
