"""What a run prints at its end: the verdict above, then all that pytest has not printed, long lists cut."""

from fixtures.sample_reports import outcome, report
from rollproof.model.finding import Finding, Statement, Unknown
from rollproof.model.plain_text import SHOWN
from rollproof.report.terminal import ENTRIES, counted, lines, title
from rollproof.verdict.recommendation import Recommendation


def printed(*outcomes, **rest):
    return [line.text for line in lines(report(*outcomes, **rest))]


def test_the_title_is_the_verdict_and_its_sentence():
    assert title(report()) == "NOT RESTORED: the rollback did not put the database back"


def test_what_was_compared_stands_first_and_what_was_not_checked_and_notes_last():
    found = printed(
        outcome(), outcome("not checked", "no log", check="migration_log"), trouble="no server", notes=("a note",)
    )

    assert found[0] == "no server"
    assert [line.partition(" ")[0] for line in found[1:4]] == ["database", "reference", "run"]
    assert found[4:] == ["1 verified, 1 not checked", "not checked: migration_log: no log", "a note"]


def test_good_is_counted_before_bad_and_what_was_not_checked_last():
    kinds = ("not checked", "broken", "verified", "warning", "not restored", "verified")

    assert counted(report(*map(outcome, kinds))) == "2 verified, 1 warning, 1 not restored, 1 broken, 1 not checked"
    assert printed()[-1] == "no case was run"


def test_a_reason_of_several_checks_is_printed_once():
    cases = [outcome("not checked", "no backup", check=check) for check in ("backup_age", "backup", "backup")]

    assert printed(*cases)[-1] == "not checked: backup, backup_age: no backup"


def test_a_warning_is_printed_with_what_heals_it_and_many_are_counted():
    found = (Finding("planner_statistics", "public.t", sentence="public.t is not analysed", heals=True),)
    warned = outcome("warning", "", found, statements=(Statement("ANALYZE public.t;", "public.t"),))
    one, many = printed(warned), printed(*[warned] * (SHOWN + 2))

    assert one[-1].startswith("WARNING: planner_statistics: 1 to know about")
    assert one[-1].endswith("ANALYZE public.t;")
    assert len([line for line in many if line.startswith("WARNING")]) == SHOWN
    assert many[-1] == "and 2 more warnings, all in result.json"


def test_what_several_cases_cannot_know_is_printed_once():
    doubts = [
        outcome("inconclusive", unknown=(Unknown(name, "locked"),), parameter=name) for name in ("public.a", "public.b")
    ]

    assert [line for line in printed(*doubts) if line.startswith("INCONCLUSIVE: locked")] != []


def test_a_recommendation_is_not_to_be_missed_and_its_lists_are_cut():
    reasons = tuple(f"case {number}" for number in range(ENTRIES + 3))
    found = list(lines(report(recommendation=Recommendation("data corruption", "critical", "roll back", (), reasons))))
    bold = [line.text for line in found if line.bold]

    assert bold == ["RECOMMENDATION: data corruption (critical): roll back"]
    assert [line.text for line in found][-2:] == [
        f"  because of: case {ENTRIES - 1}",
        "  because of: and 3 more, all in result.json",
    ]
