"""The summary: whatever a database is called or says, its markup stays what it is, and what matters stands above the fold."""

import re

from fixtures.every import every
from fixtures.markdown_shape import shape
from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from fixtures.sample_runs import five_mistakes, many
from rollproof.model.finding import Finding
from rollproof.report.markdown import MOST, summary
from rollproof.report.markdown_text import cut
from rollproof.verdict.measured import TableRead

OURS = re.compile(r"</?(?:details|summary)>")


def outside(markdown):
    """Return it without its fenced blocks."""
    return re.sub(r"^(`{3,})(?:text|sql|sh)\n.*?\n\1$", "", markdown, flags=re.DOTALL | re.MULTILINE)


@every("text", HOSTILE)
def test_a_name_stays_in_its_cell(text):
    def tables(markdown):
        """Return the number of unescaped pipes of each line that lies in no fence."""
        return [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in outside(markdown).split("\n")]

    assert tables(summary(all_over(text))) == tables(summary(all_over("harmless")))


@every("text", HOSTILE)
def test_no_markup_of_the_summary_comes_from_data(text):
    plain = OURS.sub("", outside(summary(all_over(text))))

    assert re.findall(r"(?<!\\)(?:\\\\)*[`<\[\]~]", plain) == []
    assert "://" not in plain
    assert not re.search(r"(?<!\w)@\w", plain), "it would call somebody"
    assert plain.isascii() or not re.search("[\u200b\u2028\u202e\u2066\ud800]", plain)


@every("text", HOSTILE)
def test_a_reader_sees_the_same_elements_whatever_a_name_says(text):
    assert shape(summary(all_over(text))) == shape(summary(all_over("harmless")))


def test_a_fence_is_longer_than_any_run_of_backticks_in_it():
    assert "\n`````text\n```` x\n`````\n" in summary(report(outcome("inconclusive", "```` x")))


def test_what_differs_why_and_what_mends_it_stand_above_the_fold():
    told = summary(five_mistakes()).partition("<details>")[0]
    order = [
        told.index(word) for word in ("# NOT RESTORED", "## What differs", "| public.orders |", "## Causes", "### 1. ")
    ]

    assert order == sorted(order)
    assert "```sql\n" in told


LONG = [
    outcome(kind, "é" * 9_000, check=f"c{at}")
    for at in range(60)
    for kind in ("not restored", "warning", "inconclusive")
]


LARGE = {
    "many tables": lambda: many(1_000, 600),
    "long reasons": lambda: report(*LONG),
    "notes": lambda: report(*(outcome("not checked", f"{at} {'x' * 900}") for at in range(300)), notes=("\U000e0100" * 500,) * 300),
    "odd letters": lambda: all_over("\u202e\U000e0100" * 900),
}  # fmt: skip


@every("large", LARGE)
def test_it_is_never_above_its_size_and_whole_where_it_is_cut(large):
    told = summary(LARGE[large]())

    assert len(told.encode()) <= MOST < 65_536, "which is what a comment takes"
    assert told.count("<details>") == told.count("</details>")
    assert "all in result.json" in told
    assert outside(told).count("```") == 0


def test_a_cut_closes_what_is_open():
    text = "a\n<details><summary>x</summary>\n\n````text\n</details>\n" + "b\n" * 99 + "````\n\n</details>\n"

    assert cut(text, 1_000) == text
    assert cut(text, 150).endswith("b\n````\n\n</details>\n\n… cut here, all in result.json\n")
    assert len(cut(text, 150).encode()) <= 150
    assert cut(text, 10) == ""


def test_several_tables_are_told_by_what_is_true_of_all_of_them():
    found = [
        Finding("rows", f"public.{name}", "9", str(number), compared=True) for name, number in (("a", 8), ("b", 2))
    ]
    failed = (outcome("not restored", "", (each,), check="rows", severity="high") for each in found)
    told = summary(report(*failed, tables=(TableRead("public.a"), TableRead("public.b"))))

    assert "| 2 tables: public.a, public.b | high | 1 to 7 rows missing |" in told
