"""What a baseline's sums tell of where rows differ, in words and as conditions."""

import pytest

from fixtures.every import every
from rollproof.model.detail import Detail, Division
from rollproof.model.finding import RowRange, RowReport
from rollproof.model.plain_text import row_lines
from rollproof.model.row_words import whereabouts_in_words
from rollproof.verdict.row_ranges import whereabouts

BY_ID = Division(("id",), ("int8",), ("10", "20", "30"), 5)
SUMS = {1: (9, 5), 2: (10, -3), 3: (10, 2**70), 4: (1, 1)}
DETAIL = Detail.of(BY_ID, SUMS)


@every(
    "now, words, ranges",
    [
        ({2: (10, 4)}, "in 1 of 4 ranges of id, which had 10 rows in the baseline and have 10 rows now",
         [("id >= 10 AND id < 20", (10, 10))]),
        ({1: (8, 5), 2: (10, 4)}, "in 2 of 4 ranges of id, which had 19 rows in the baseline and have 18 rows now",
         [("id < 20", (19, 18))]),
        ({1: (8, 5), 4: (2, 1)}, "in 2 of 4 ranges of id, which had 10 rows in the baseline and have 10 rows now",
         [("id < 10", (9, 8)), ("id >= 30", (1, 2))]),
        ({0: (1, 1), 1: (8, 1)}, ("in 1 of 4 ranges of id, and in 1 where no row was,"
         " which had 9 rows in the baseline and have 9 rows now"),
         [("id IS NULL", (0, 1)), ("id < 10", (9, 8))]),
        (dict.fromkeys((1, 2, 3, 4), (0, 0)), "in all 4 ranges of id, which had 30 rows in the baseline and have no row now",
         [("id IS NOT NULL", (30, 0))]),
    ],
)  # fmt: skip
def test_ranges_that_differ_are_told_as_conditions_and_neighbours_as_one(now, words, ranges):
    found = whereabouts(DETAIL, SUMS | now)
    assert found.words == words
    assert [(each.condition, each.rows) for each in found.ranges] == ranges
    assert not found.only_new


def test_values_that_are_no_numbers_are_quoted():
    division = Division(("made",), ("timestamptz",), ("2024-01-01 00:00:00+00",), 3)
    found = whereabouts(Detail.of(division, {1: (1, 1)}), {})
    assert found.ranges == (RowRange("made < '2024-01-01 00:00:00+00'", (1, 0)),)


def test_parts_by_a_hash_have_no_ranges():
    found = whereabouts(
        Detail.of(Division(("a", "b"), ("text", "int4"), (), 4), {0: (5, 5), 3: (1, 1)}), {0: (5, 5), 3: (1, 2)}
    )
    assert (
        found.words
        == "in 1 of 2 parts of the table, by a hash of a, b, which had 1 row in the baseline and have 1 row now"
    )
    assert found.ranges == ()


def test_rows_in_a_range_that_had_none_are_only_new_and_no_difference_is_not():
    detail = Detail.of(BY_ID, {1: (9, 5)})
    assert whereabouts(detail, {1: (9, 5), 4: (2, 2)}).only_new
    assert not whereabouts(detail, {1: (9, 5)}).only_new
    assert not whereabouts(detail, {1: (9, 6), 4: (2, 2)}).only_new


def test_sums_that_do_not_fit_the_division_are_refused():
    with pytest.raises(ValueError, match="other parts"):
        Detail.of(BY_ID, {5: (1, 1)})
    with pytest.raises(ValueError, match="not the sums"):
        _ = Detail(BY_ID, b"x" * 16).sums


def test_lines_name_the_ranges_and_count_those_for_which_there_is_no_room():
    ranges = tuple(RowRange(f"id >= {n}", (n, 1)) for n in range(60))
    lines = list(row_lines(RowReport("public.t", where="in 60 ranges", ranges=ranges)))
    assert lines[0] == "where: in 60 ranges"
    assert lines[2] == "- id >= 1: 1 row in the baseline, 1 row now"
    assert "more ranges" in lines[-1]


@every(
    "report, words",
    [
        (RowReport("t", where="in 2 of 1,024 ranges of id, which had", ranges=(RowRange("a", (1, 1)), RowRange("b", (1, 1)))),
         ["in 2 of 1,024 ranges of id"]),
        (RowReport("t", where="in 1 of 4 ranges of id, which had", ranges=(RowRange("id >= 7", (1, 1)),)), ["where id >= 7"]),
        (RowReport("t", where="in 3 of 256 parts of the table, by a hash of id, which"), ["in 3 of 256 parts"]),
        (RowReport("t", where="not known: column id is not there any more"), []),
        (None, []),
    ],
)  # fmt: skip
def test_a_cause_says_it_in_a_few_words(report, words):
    assert list(whereabouts_in_words(report)) == words
