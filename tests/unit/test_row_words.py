"""Rows that differ are told by column: how many, where, and how."""

from fixtures.every import every
from rollproof.model.finding import ColumnChange, RowReport
from rollproof.model.plain_text import row_lines
from rollproof.model.row_words import SAME, rows_in_words

NOTE = ColumnChange("note", filled=17_143)
TWO_WAYS = ColumnChange("price", emptied=1, altered=2)


@every(
    ("counts", "columns", "words"),
    [
        ({}, (), SAME),
        ({"changed": 17_143}, (NOTE,), "17,143 rows changed, all in note (NULL → value)"),
        ({"changed": 20_000}, (NOTE,), "20,000 rows changed: note in 17,143 (NULL → value)"),
        (
            {"changed": 17_143},
            (NOTE, TWO_WAYS),
            "17,143 rows changed: note in all (NULL → value), price in 3 (value → NULL in 1, value → another in 2)",
        ),
        ({"changed": 1}, (ColumnChange("a", 1),), "1 row changed, in a (NULL → value)"),
        (
            {"changed": 1},
            (ColumnChange("a", 0, 0, 1), ColumnChange("b", 0, 1)),
            "1 row changed: a (value → another), b (value → NULL)",
        ),
        (
            {"missing": 3, "extra": 20_000, "changed": 2, "key spelling": 1},
            (ColumnChange("a", 0, 3),),
            "2 rows changed, 1 row whose key is spelled otherwise, all in a (value → NULL); 3 rows missing; 20,000 rows added",
        ),
        ({"repeated": 1, "repeated more often": 2}, (), "1 row repeated less often; 2 rows repeated more often"),
        ({"changed": 2}, (ColumnChange("a\x1b", 2),), "2 rows changed, all in a\\x1b (NULL → value)"),
    ],
)
def test_rows_are_told_by_kind_and_by_column(counts, columns, words):
    assert rows_in_words(RowReport("public.t", "a copy", counts, columns=columns)) == words


def test_where_not_all_were_counted_it_is_said():
    report = RowReport("public.t", "a copy", {"changed": 5}, False, columns=(ColumnChange("a", 5),))  # noqa: FBT003

    assert rows_in_words(report) == "at least 5 rows changed, all in a (NULL → value)"
    assert rows_in_words(RowReport("public.t", unnamed="no rows are kept")) == ""


def test_of_many_columns_each_has_a_line():
    columns = tuple(ColumnChange(f"c{number}", 9 - number) for number in range(5))
    report = RowReport("public.t", "a copy", {"changed": 9}, columns=columns)
    first, *lines = row_lines(report)

    assert first.endswith(
        "9 rows changed: c0 in all (NULL → value), c1 in 8 (NULL → value), c2 in 7 (NULL → value), and 2 more columns"
    )
    assert lines == [
        "  c0 in all (NULL → value)",
        *(f"  c{number} in {9 - number} (NULL → value)" for number in range(1, 5)),
    ]
