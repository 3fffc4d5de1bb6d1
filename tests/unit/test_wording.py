"""Findings in a few words."""

import re
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fixtures.every import every
from rollproof.model.facets import facets
from rollproof.model.finding import ColumnChange, Finding, RowReport
from rollproof.verdict.changes import LETTERS
from rollproof.verdict.wording import worded

WORDS = Path(__file__).parents[1] / "data" / "wording.txt"
LINES = [line for line in WORDS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
LINE = re.compile(r"(\w+): (.+) \[(.+?)(?: => (.+))?\] (?:at (.+) )?says (.+)", re.DOTALL)
TABLES = frozenset({"public.orders", "public.users"})


def finding(check, subject, before, after):
    return Finding(
        check, subject, *(None if side == "-" else side.replace("\\n", "\n") for side in (before, after)), compared=True
    )


@every("line", LINES)
def test_a_finding_is_told_in_a_few_words(line):
    check, subject, before, after, place, words = LINE.fullmatch(line).groups()
    said = worded(finding(check, subject, before, after), TABLES)

    assert (said.place, str(said)) == (place or "public.orders", words)
    assert len(words) <= LETTERS


def test_every_facet_is_among_them():
    compared = {name for name, row in facets().items() if row.holds != "input"}

    assert compared == {LINE.fullmatch(line)[1] for line in LINES} & compared


@given(st.sampled_from(sorted(facets())), st.text(max_size=60), st.text(max_size=200), st.text(max_size=200))
def test_any_description_is_told_on_one_short_line(facet, subject, before, after):
    said = worded(Finding(facet, subject, before, after, compared=True), TABLES)

    assert "\n" not in str(said)
    assert said.change
    assert len(said.change) <= LETTERS


REPORT = RowReport("public.orders", "a database", {"changed": 17_143}, columns=(ColumnChange("note", filled=17_143),))
LONG = replace(
    REPORT,
    counts={"changed": 7, "key spelling": 2, "missing": 10},
    columns=(ColumnChange("note" * 12, altered=3, filled=4),),
)
COUNTED = RowReport(
    "public.orders", counted="3 of 200 in the baseline not there any more, or changed; 2 there that were not"
)


@every(
    "check, before, after, report, words",
    [
        ("rows", "5", "20005", None, "20,000 rows more than before"),
        ("rows", "200", "199", None, "1 row missing"),
        ("rows", "200", "199", COUNTED, "1 row missing; 2 of 200 rows changed or missing"),
        ("content", "i3:1", "i3:2", None, "rows changed, as many as before"),
        ("content", "i3:1", "i3:2", COUNTED, "3 of 200 rows changed or missing"),
        ("content", "i3:1", "i3:2", LONG, "7 rows changed, 2 rows whose key is spelled otherwise; 10 rows missing"),
        ("content", "i3:1", "i3:2", REPORT, "17,143 rows changed, all in note (NULL → value)"),
    ],
)
def test_rows_are_told_by_numbers_and_columns(check, before, after, report, words):
    said = worded(finding(check, "public.orders", before, after), TABLES, {"public.orders": report} if report else {})

    assert str(said) == words


SAID = {  # check, subject, expected, actual, sentence: place, words
    ("primary_keys", "public.orders", "a primary key", "none", "public.orders has no primary key"): (
        "public.orders",
        "has no primary key",
    ),
    (
        "table_states",
        "public.orders",
        "original",
        "migrated",
        "public.orders is migrated, and should be original: total is numeric(12,2), was numeric(10,2)",
    ): ("public.orders", "is migrated, and should be original: total is numeric(12,2), was numeric(10,2)"),
    (
        "orphans",
        "public.orders.orders_user",
        "(user_id) → public.users(id)",
        "3 rows without a parent row: 4, 5",
        "3 rows of public.orders have no parent row: (user_id) → public.users(id); values: 4, 5",
    ): ("public.orders", "foreign key orders_user: 3 rows without a parent row"),
    (
        "migrated_rows",
        "public.orders",
        "every row of b.orders_backup",
        "1 missing (id = 7), 2,000 changed (id = 1, 2 missing)",
        "x",
    ): ("public.orders", "1 row missing, 2,000 rows changed against its copy"),
    ("migrated_counts", "public.orders", "no row", "3 more (7)", "x"): (
        "public.orders",
        "3 rows more than in its copy",
    ),
    ("at_risk", "public.orders", "the rows", "2 written (7), 1 deleted (8)", "x"): (
        "public.orders",
        "2 rows written, 1 row deleted since its copy was made",
    ),
    ("untouched_rows", "public.orders", "5", "4", "x"): ("public.orders", "1 row missing"),
    ("untouched_rows", "public.orders", "i3:1", "i3:2", "x"): ("public.orders", "rows changed, as many as before"),
    (
        "planner_statistics",
        "public.orders",
        "9 rows",
        "300 rows",
        "public.orders: the planner expects 300 rows, 9 are there",
    ): (
        "public.orders",
        "the planner expects 300 rows, 9 are there",
    ),
    (
        "migration_log",
        "public.log m1: rollback",
        "completed",
        "was not completed",
        "public.log m1: rollback was not completed",
    ): (
        "public.log",
        "m1: rollback was not completed",
    ),
    ("disk_space", "free_bytes", "9.0 MB free", "1.0 MB", "x"): ("disk", "1.0 MB free, needed are 9.0 MB free"),
    (
        "backup_agreement",
        "public.orders",
        "all alike",
        "x",
        "public.orders: the restore is damaged: b.orders_backup is as in the reference, the live table is not; the rows can be had",
    ): ("public.orders", "the restore is damaged"),
    (
        "endpoints",
        "login",
        "a token as 'key'",
        "none",
        "endpoint 'login' (http://a.example/token): expected a token as 'key', seen none that can be sent in a header",
    ): ("login", "endpoint: expected a token as 'key', seen none that can be sent in a header"),
    (
        "endpoints",
        "me",
        "a whole answer",
        "x",
        "endpoint 'me' (http://a.example/me) gives no whole answer: no connection",
    ): (
        "me",
        "endpoint: gives no whole answer: no connection",
    ),
}


@every("finding, said", [*SAID.items()])
def test_what_compares_nothing_is_told_by_its_sentence_or_its_numbers(finding, said):
    told = worded(Finding(*finding), TABLES)

    assert (told.place, str(told)) == said
