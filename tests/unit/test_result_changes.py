"""What it means that a query answers otherwise: each sentence."""

import pytest

from fixtures.every import every
from rollproof.model.failure import Undecided
from rollproof.model.query_result import QueryResult
from rollproof.verdict.result_changes import VARIES, not_comparable, result_changes

COLUMNS = (("id", "integer"), ("note", "text"))
WAS = QueryResult("q1", COLUMNS, 10, "i3:5", ("1", "2"), "77")


def told(**now):
    return [each.sentence for each in result_changes({"q": WAS}, {"q": replaced(**now)}, {})]


def replaced(**now):
    return QueryResult(**{name: getattr(WAS, name) for name in WAS.__struct_fields__} | now)


@every(
    ("now", "says"),
    [
        ({"rows": 12, "digest": "i3:6", "in_order": "78"}, "2 rows more (10 before, 12 now)"),
        ({"rows": 9, "digest": "i3:6", "in_order": "78"}, "1 row fewer (10 before, 9 now)"),
        ({"digest": "i3:6", "digests": ("1", "3"), "in_order": "78"}, "other values in note"),
        ({"digest": "i3:6", "in_order": "78"}, "the same values, in other rows"),
        ({"in_order": "78"}, "the same rows in another order"),
        ({"columns": (("id", "bigint"), COLUMNS[1]), "digest": "i3:6"}, "id is bigint, was integer"),
        ({"columns": COLUMNS[:1], "digests": ("1",)}, "its columns are id, which were id, note"),
        (
            {"columns": (("id", "bigint"), COLUMNS[1]), "rows": 11},
            "id is bigint, was integer; 1 row more (10 before, 11 now)",
        ),
    ],
)
def test_each_change_has_its_sentence(now, says):
    assert told(**now) == [f"q answers otherwise: {says}"]


def test_the_same_answer_is_none_and_order_counts_only_where_it_is_asked_for():
    assert told() == []
    unordered = QueryResult("q1", COLUMNS, 10, "i3:5", ("1", "2"))
    assert [*result_changes({"q": unordered}, {"q": WAS}, {})] == []


def test_digests_of_another_version_are_open():
    with pytest.raises(Undecided, match="take the baseline again"):
        list(result_changes({"q": WAS}, {"q": replaced(digest="i9:5")}, {}))


def test_what_varies_and_what_was_changed_is_not_compared():
    before = {"q": WAS, "now": replaced(varies=True), "other": WAS}

    why = not_comparable({"q": "q1", "now": "q1", "other": "q2"}, before)

    assert why["now"] == VARIES
    assert "another one since the baseline was taken" in why["other"]
    assert "q" not in why
    with pytest.raises(Undecided) as open_:
        list(result_changes(before, {"q": WAS}, why))
    assert [each.subject for each in open_.value.unknown] == ["now", "other"]
