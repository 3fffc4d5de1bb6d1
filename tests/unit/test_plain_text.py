"""What a check has to show, as text: few enough lines, in an order to be read, and nothing in it that is not shown."""

from fixtures.every import every
from rollproof.model.compare import Difference
from rollproof.model.failure import NotRestored, Undecided, Warned
from rollproof.model.finding import DifferingRow, Finding, RowReport, Statement, Unknown
from rollproof.model.plain_text import LONGEST, REVIEW, SHOWN, finding_text, plain_text, row_line, row_lines, value_text


def text_of(subject, was, now):
    return finding_text(Finding.of(Difference("columns", subject, was, now)))


def differences(number, **rest):
    return tuple(Finding.of(Difference("rows", f"t{each}", "1", "2"), **rest) for each in range(number))


def test_a_failure_counts_what_it_does_not_show():
    text = str(NotRestored(differences(SHOWN + 3)))

    assert text.startswith("rows: 23 differences\n")
    assert text.count("changed") == SHOWN
    assert text.endswith("and 3 more, all in result.json")


def test_a_finding_that_compares_nothing_is_its_sentence_alone():
    found = Finding("primary_keys", "public.x", "a primary key", None, "public.x has no primary key")

    assert str(NotRestored((found,))) == "primary_keys: 1 finding\n- public.x has no primary key"


def test_a_failure_says_in_this_order_what_is_wrong_unknown_small_where_and_what_to_do():
    shown = NotRestored(
        (*differences(1), *differences(1, heals=True)),
        (RowReport("public.t", unnamed="no rows are kept"),),
        (Statement("ANALYZE public.t;", "public.t"),) * 2,
        ("run it again",),
        (Unknown("public.u", "locked"),),
    )

    assert str(shown).splitlines() == [
        "rows: 1 difference", "- t0 changed", "  before  1", "  after   2",
        "not known:", "- public.u: locked",
        "rows: 1 to know about, and no failure", "- t0 changed", "  before  1", "  after   2",
        "which rows: no rows are kept",
        REVIEW, "  ANALYZE public.t;",
        "run it again",
    ]  # fmt: skip


def test_a_warning_and_a_doubt_say_what_they_are():
    assert "not restored" not in str(Warned(differences(2, heals=True)))
    assert str(Warned(differences(2, heals=True))).startswith("rows: 2 to know about, and no failure")
    assert str(Undecided((), reason="no answer")) == "no answer"
    assert plain_text(Undecided((), unknown=(Unknown("a", "b"),))) == "not known:\n- a: b"


def test_rows_are_named_by_key_or_image_with_the_columns_that_changed_and_values_only_if_given():
    key = {"id": "1"}

    assert (
        row_line(DifferingRow("changed", columns=("name",), key_before=key, key_after=key))
        == '- changed: id = "1" in name'
    )
    assert row_line(DifferingRow("missing", (1, 0), key_before={"id": None})) == "- missing: id = NULL"
    assert row_line(DifferingRow("key spelling", key_before={"id": "A"}, key_after={"id": "a"})) == (
        '- key spelling: id = "A" is now id = "a"'
    )
    assert row_line(DifferingRow("repeated", (1, 3), key_before={}, key_after={}, image="abc")) == (
        "- repeated: a row of image abc: 1 before, 3 now"
    )
    assert row_line(DifferingRow("extra", (0, 1))) == "- extra: a row that is gone by now"
    told = row_line(
        DifferingRow("changed", (1, 1), ("b",), key, key, before={"a": "1", "b": "x"}, after={"a": "1", "b": None})
    )
    assert told.splitlines()[1:] == ['    before  b = "x"', "    after   b = NULL"]


def test_a_report_on_rows_says_against_what_how_many_and_where_the_others_are():
    def lines(**rest):
        return list(row_lines(RowReport("public.t", "the copy c", **rest)))

    assert lines(counts={"missing": 1200}, more=1200, complete=False) == [
        "which rows, compared with the copy c: at least 1,200 rows missing",
        "- and 1,200 more: --evidence N shows more, --evidence-file FILE all of them",
    ]
    assert "none; each reads the same" in lines()[0]
    assert lines(unpaired=("extra",))[1] == "columns of one side only, which were not compared: extra"
    assert lines(file="rows.jsonl", more=2)[1] == "- all 2 of them in rows.jsonl"


def test_what_is_shown_of_a_value_stays_on_its_line():
    assert value_text('a"b\n\x1b[31m\u202e') == '"a\\"b\\n\\u001b[31m\\u202e"'
    assert value_text(None) == "NULL"
    assert len(value_text("x" * 1000)) == 203


def test_of_a_long_text_only_the_lines_that_changed_are_shown_each_with_its_neighbours():
    was = "\n".join(map(str, range(20)))
    now = was.replace("\n7\n", "\nseven\n").replace("\n15\n", "\n15.0\n")

    lines = text_of("public.f()", was, now).splitlines()

    first, second = [" 6", "-7", "+seven", " 8"], [" 14", "-15", "+15.0", " 16"]
    assert lines == ["public.f() changed", *(f"  {line}" for line in ["…", *first, "…", *second])]


@every(
    ("was", "now", "text"),
    [
        ("a\nb", "c", "x changed\n  before  a\n          b\n  after   c"),
        ("1\n2\n3\n4\n5", "c", "x changed\n  before  1\n          2\n          3\n          4\n          5\n  after   c"),
        ("a\nb", None, "x is missing\n  before  a\n          b"),
        (None, "a", "x was left behind\n  after   a"),
        ("a\\b", "a\\c", "x changed\n  before  a\\b\n  after   a\\c"),
        ("a\\b", "a\x1b", "x changed\n  before  a\\\\b\n  after   a\\x1b"),
    ],
)  # fmt: skip
def test_further_lines_stand_below_the_first_and_nothing_invisible_is_shown(was, now, text):
    assert text_of("x", was, now) == text


def test_what_just_fits_is_shown_whole():
    assert "more" not in str(NotRestored(differences(SHOWN)))
    assert value_text("x" * LONGEST) == f'"{"x" * LONGEST}"'
    assert text_of("x", "1\n2\n3\n4", "5\n6\n7\n8").splitlines()[1] == "  before  1"
    assert text_of("x", "1\n2\n3\n4\n5", "5\n6\n7\n8\n9").splitlines()[1] == "  …"


def test_comparisons_and_others_together_are_findings():
    assert str(NotRestored((*differences(1), Finding("rows", "b", sentence="b is odd")))).startswith(
        "rows: 2 findings\n"
    )


def test_a_row_that_is_there_now_only_is_named_by_its_key_with_all_its_values():
    row = DifferingRow("extra", (0, 1), key_after={"id": "7"}, after={"id": "7", "name": "new"})

    assert row_line(row).splitlines() == ['- extra: id = "7"', '    after   id = "7", name = "new"']


def test_all_rows_are_in_the_file_those_that_are_shown_too():
    report = RowReport(
        "public.t", "a copy", {"missing": 3}, rows=(DifferingRow("missing", (1, 0)),), more=2, file="rows.jsonl"
    )

    assert list(row_lines(report))[-1] == "- all 3 of them in rows.jsonl"
