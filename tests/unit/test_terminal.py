"""What a phase prints: in which order, how many lines and columns; what is left out is counted."""

import dataclasses
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.model.finding import DifferingRow, Finding, FindingId, RowReport, Statement, Unknown
from rollproof.model.printable import is_harmless
from rollproof.model.provenance import Age, DatabaseFacts, ReferenceFacts
from rollproof.report.columns import WIDTH, beside, width_of, wrapped
from rollproof.report.terminal import GREEN, LINES, Files, counted, head, lines
from rollproof.settings.waiver import OF_OWN
from rollproof.verdict.measured import TableRead
from rollproof.verdict.outcome import KINDS, NotConfigured
from rollproof.verdict.recommendation import Recommendation
from rollproof.verdict.selected import Selected

ALL = Selected(366, 366)
PAGE = Files("rollproof-report/report.html", "report.html")


def printed(*outcomes, files=PAGE, verbose=False, **rest):
    given = {"selection": ALL, **rest}
    return [line.text for line in lines(report(*outcomes, **given), files, verbose=verbose)]


def differing(*tables, change="text", check="columns", **rest):
    return [
        outcome(
            "not restored",
            "",
            (Finding(check, f"{table}.a", "varchar(20)", change, compared=True),),
            check=check,
            parameter=table,
            **rest,
        )
        for table in tables
    ]


def read(*names):
    return tuple(map(TableRead, names))


def good(*outcomes, **rest):
    said = {"verdict": "VERIFIED", "sentence": "all that was checked is as it was", "exit_code": 0, **rest}
    return printed(outcome(), *outcomes, **said)


def test_the_verdict_stands_first_then_what_differs_then_what_to_know_and_the_report_last():
    found = printed(
        *differing("public.orders"),
        outcome("inconclusive", "locked", check="rows", parameter="public.users"),
        outcome("not checked", "no log", check="migration_log"),
        tables=read("public.orders", "public.users"),
        notes=("a note. More of it",),
        not_configured=(NotConfigured("plans", ("plans",), "no [[plans]]"),),
        not_compared=("contents of planner statistics",),
    )

    assert found[0].startswith("NOT RESTORED: 1 table differ")
    assert [line.split(":")[0].split(" ")[0] for line in found if line[:2] != "  " or line[2] == "p"] == (
        ["NOT", "", "INCONCLUSIVE", "not", "a", "checked", "not", "not", "next", "report"]
    )
    assert found[1].startswith("  public.orders  ")
    assert "a note" in found
    assert found[-1] == "report: rollproof-report/report.html"


def test_tables_that_differ_alike_share_a_line():
    names = [f"public.t{number:03}" for number in range(400)]
    found = printed(*differing(*names), tables=read(*names))

    assert next(line for line in found if line.startswith("  4")).startswith("  400 tables  ")
    assert "public.t000 … public.t399" in " ".join(line.strip() for line in found)
    assert len(found) <= 8


def test_a_table_with_a_cause_of_its_own_has_its_own_line():
    names = ["public.a", "public.b", "public.c"]
    found = printed(*differing(*names), *differing("public.c", check="indexes", change="gone"), tables=read(*names))

    assert [line.split("  ")[1] for line in found if re.match("  [^ ]", line)] == ["public.c", "2 tables"]


def test_what_follows_is_counted_and_opened_by_verbose():
    first = Finding("tables", "public.t", "table", None, compared=True)
    after = Finding("views", "public.v", "view", None, compared=True)
    outcomes = (outcome("not restored", "", (first,), check="tables", parameter=""),)
    follow = dataclasses.replace(after, follows_from=FindingId(first.check, first.subject))
    outcomes += (outcome("not restored", "", (follow,), check="views", parameter=""),)

    short, long = printed(*outcomes), printed(*outcomes, verbose=True)

    assert any("(1 follows from it)" in line for line in short)
    assert not any("public.v" in line for line in short)
    assert any("follows: views: public.v is missing" in line for line in long)


def test_examples_of_rows_stand_below_their_table():
    rows = RowReport(
        "public.orders",
        "the copy",
        {"changed": 2},
        rows=(DifferingRow("changed", columns=("note",), key_before={"id": "7"}, key_after={"id": "7"}),),
    )
    one = outcome(
        "not restored",
        "",
        (Finding("content", "public.orders", "x", "y", compared=True),),
        check="content",
        rows=(rows,),
    )

    assert any(line.strip() == '- changed: id = "7" in note' for line in printed(one, tables=read("public.orders")))


def test_fingerprints_are_nobodys_news():
    found = Finding("content", "public.orders", "i3:180554180555274159173", "i3:171942622147638668704", compared=True)

    assert "i3:" not in "".join(printed(outcome("not restored", "", (found,), check="content")))


def test_a_check_of_the_users_own_says_what_it_asserts():
    check = f"tests/test_mine.py{OF_OWN}test_totals"
    told = (Finding(check, "", sentence="assert 3 == 4"),)
    found = printed(
        outcome("not restored", "  where 3 = total()\n  at tests/test_mine.py:7", told, check=check, parameter="")
    )

    assert found[:4] == [
        "NOT RESTORED: 1 check of your own failed; 1 cause",
        f"  {check}: assert 3 == 4",
        "    where 3 = total()",
        "    at tests/test_mine.py:7",
    ]


def test_a_reason_of_several_cases_is_printed_once():
    doubted = [
        outcome("inconclusive", unknown=(Unknown(name, "locked"),), parameter=name) for name in ("public.a", "public.b")
    ]
    skipped = [outcome("not checked", "no backup", check=check) for check in ("backup_age", "backup", "backup")]
    found = printed(*doubted, *skipped)

    assert [line for line in found if "INCONCLUSIVE" in line] == ["INCONCLUSIVE: locked"]
    assert "  2 cases of columns, about public.a, public.b" in found
    assert "not checked: backup, backup_age: no backup" in found


def test_a_warning_is_one_line_with_what_heals_it():
    found = (Finding("planner_statistics", "public.t", sentence="public.t is not analysed", heals=True),)
    warned = outcome("warning", "", found, statements=(Statement("ANALYZE public.t;", "public.t"),))

    assert next(line for line in good(warned) if line.startswith("warning: ")).endswith("ANALYZE public.t;")


def test_a_recommendation_stands_above_what_led_to_it():
    advice = Recommendation("data corruption", "critical", "roll back", ("stop",), tuple(f"case {n}" for n in range(9)))
    found = printed(*differing("public.t"), recommendation=advice)

    assert found[1:4] == [
        "RECOMMENDATION: data corruption (critical): roll back",
        "  because of: case 0; case 1; case 2; and 6 more",
        "  ways: stop",
    ]


def test_a_part_of_a_phase_is_told_as_one():
    assert 'asked: 16 of 366 cases (selected by -k "users")' in printed(
        *differing("public.t"), selection=Selected(16, 366, ('selected by -k "users"',))
    )


def test_why_a_database_cannot_be_read_is_told_once():
    found = printed(
        verdict="INCONCLUSIVE", sentence="it could not be read", exit_code=7, trouble="no server\n  start it"
    )

    assert found[:3] == ["INCONCLUSIVE: it could not be read", "  no server", "  start it"]
    assert sum("no server" in line for line in found) == 1


def test_a_file_that_could_not_be_written_is_named():
    assert printed(files=Files(missing=("NOT written: r: full",)))[-1] == "NOT written: r: full"


def test_good_is_counted_before_bad_and_what_was_not_checked_last():
    kinds = ("not checked", "broken", "verified", "warning", "not restored", "verified")

    assert counted(report(*map(outcome, kinds))) == "2 verified, 1 warning, 1 not restored, 1 broken, 1 not checked"


@every(
    "held, told",
    [
        (
            ReferenceFacts("baseline", "b.json", age=Age(345_600, approximate=False), sha256="3" * 64),
            "b.json, 4 days old, SHA-256 333333333333…",
        ),
        (
            ReferenceFacts("baseline", "b.json", age=Age(60, approximate=True), signed="yes"),
            "b.json, about 60 seconds old, signed",
        ),
        (
            ReferenceFacts("baseline", "b.json", age=Age(-7200, approximate=False)),
            "b.json, 2 hours LATER than the database's own clock",
        ),
        (ReferenceFacts("database", "u@h/d", source=DatabaseFacts(version="18.6")), "u@h/d, PostgreSQL 18.6"),
        (ReferenceFacts("nothing", ""), "named"),
    ],
)
def test_the_head_tells_what_is_compared_with_what(held, told):
    found = list(head("u@db/shop", DatabaseFacts(version="18.6", standby=False), held, "named"))

    assert found == ["database   u@db/shop, PostgreSQL 18.6, a primary", f"reference  {told}"]


@every("text, columns", [("abc", 3), ("表", 2), ("e\u0301", 1), ("\uff57ide", 5), ("\u200b", 0)])
def test_columns_are_counted_as_a_terminal_does(text, columns):
    assert width_of(text) == columns


def test_a_long_name_is_kept_whole_and_a_quoted_one_is_no_two_words():
    long, quoted = "x" * 120, '"two  words" y'

    assert list(wrapped(f"a {long} b", "", "  ")) == ["a", f"  {long}", "  b"]
    assert list(wrapped(quoted, "", "  ", 14)) == ['"two  words" y']
    assert list(wrapped(quoted, "", "  ", 13)) == ['"two  words"', "  y"]
    assert list(beside("a label", "some text", 4, 13)) == ["a label  some", "    text"]
    assert list(beside("a label", "text", 4, 12)) == ["a label", "    text"]


@every("text", HOSTILE)
def test_nothing_commands_a_terminal_or_a_ci(text):
    assert all(is_harmless(line.text) for line in lines(all_over(text), Files(text, text, missing=(text,))))


texts = st.sampled_from(["public.t", 'public."Odd Name"', "it says why", "why " * 40, "über 表 " * 9])
tables = st.sampled_from([f"public.t{number}" for number in range(60)])


@st.composite
def outcomes(draw):
    table, kind = draw(tables), draw(st.sampled_from(KINDS))
    check = draw(
        st.sampled_from(["columns", "indexes", "rows", "content", "planner_statistics", f"tests/t.py{OF_OWN}test_x"])
    )
    changes = draw(st.lists(st.sampled_from([None, "text", "uuid NOT NULL " * 9]), max_size=3))
    heals = kind == "warning"
    found = tuple(
        Finding(check, f"{table}.c{n}", "int", now, compared=True, heals=heals) for n, now in enumerate(changes)
    )
    reason = draw(texts) if not found or kind in ("inconclusive", "not checked", "broken") else ""
    return outcome(kind, reason, found if kind in ("not restored", "warning") else (), check=check, parameter=table)


@settings(max_examples=60, deadline=None)
@given(st.lists(outcomes(), max_size=90), st.lists(texts, max_size=9), st.sampled_from([0, 1, 3, 7]), st.booleans())
def test_every_run_fits_a_screen(some, notes, code, advised):
    words = {"exit_code": code, "notes": tuple(notes), "not_compared": ("x",), "tables": read("public.t0", "public.t1")}
    if advised:
        words["recommendation"] = Recommendation("x", "high", "roll back", ("stop",) * 5, ("case",) * 30, ("also",) * 9)
    if code == 0:
        some = [each for each in some if each.kind in ("verified", "warning", "not checked")]
        words |= {"verdict": "VERIFIED", "sentence": "all that was checked is as it was"}
    shown = printed(*some, **words)

    told = report().provenance
    above = len([*head(told.address, told.subject, told.reference, report().reference)]) + 2

    assert len(shown) + above <= (GREEN if code == 0 and not advised else LINES)
    assert [line for line in shown if width_of(line) > WIDTH] == []
    assert shown[-1].startswith("report: ")


def test_a_command_that_is_too_long_is_still_one_command():
    url = f"postgresql://me@{'a' * 60}/shop"
    who = dataclasses.replace(report().provenance.client, options=(f"--database-url {url}", "--reference b.json"))
    found = printed(*differing("public.t"), provenance=dataclasses.replace(report().provenance, client=who))
    begins = next(place for place, line in enumerate(found) if line.startswith("next: "))

    assert found[begins : begins + 3] == [
        "next: rollproof repair \\",
        f"    --database-url {url} \\",
        "    --reference b.json > repair.sql",
    ]


def test_what_warns_of_the_run_itself_is_kept_where_notes_are_counted():
    found = good(
        notes=("WARNING: the baseline is too old", *["a note"] * 9), not_compared=("x",), tables=read("public.t")
    )

    assert found[1] == "WARNING: the baseline is too old"
    assert any(re.fullmatch("… and \\d more notes in report.html", line) for line in found)
