"""The text of a program's report."""

import dataclasses

from rollproof.api.report import Report
from rollproof.model.finding import Finding, FindingId
from rollproof.verdict import outcome
from rollproof.verdict.outcome import Outcome
from rollproof.verdict.selected import Selected

LOST = Finding("tables", "public.a", "table", None, compared=True)
FOLLOWS = Finding("columns", "public.a.x", "text", None, compared=True, follows_from=FindingId("tables", "public.a"))
OTHER = Finding("indexes", "public.b.i", "an index", None, compared=True)
HEALS = Finding("planner_statistics", "public.c", "analysed", "never analysed", compared=True, heals=True)


def report(*outcomes, verdict="NOT RESTORED", code=1, notes=()):
    return Report(
        outcome.Report(
            verdict, "as it means", code, "d", "r", "p", "0", "now", 0.0, "", notes, {}, {}, outcomes, Selected(1, 1)
        )
    )


def case(kind, *findings, check=""):
    return Outcome(check or (findings[0].check if findings else "x"), "", kind, "high", findings=findings)


BAD = (case("not restored", FOLLOWS), case("not restored", LOST), case("not restored", OTHER))


def test_it_begins_with_a_root_and_names_what_follows():
    told = report(*BAD, case("verified", check="rows"))
    lines = str(told).splitlines()

    assert lines[0] == "NOT RESTORED: tables: public.a is missing, and 1 more"
    assert "2 tables have findings; 2 causes, 1 consequence" in lines
    assert [line for line in lines if line.startswith("- ")] == [
        "- public.a: table missing",
        "- public.b: index i missing",
    ]
    assert "follows from that: columns" in lines
    assert "public.a.x" not in str(told)
    assert told.findings == (LOST, OTHER, FOLLOWS)
    assert (bool(told), repr(told)) == (False, "<rollproof.Report NOT RESTORED: as it means>")


def test_a_verdict_of_another_kind_is_not_titled_by_a_finding():
    assert str(report(*BAD, verdict="MISUSE", code=4)).startswith("MISUSE: as it means\n")


def test_a_good_report_is_true_and_tells_its_warnings():
    told = report(case("warning", HEALS), verdict="VERIFIED", code=0, notes=("accepted: x", "not compared: y"))

    assert bool(told)
    assert (told.findings, told.warnings) == ((), (HEALS,))
    assert "WARNING: planner_statistics" in str(told)
    assert "accepted: x" in str(told)
    assert "not compared" not in str(told), "which is the same every time; it is in .notes"


def test_of_many_findings_the_first_are_told_and_where_the_others_are():
    many = tuple(dataclasses.replace(LOST, subject=f"public.t{number:02}", sentence="") for number in range(30))
    said = str(report(case("not restored", *many)))

    assert "and 10 more, all in the report's findings" in said
    assert "result.json" not in said
