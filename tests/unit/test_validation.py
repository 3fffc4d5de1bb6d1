"""The three validations of the procedure: each case belongs to one, and what nobody asked is said."""

from fixtures.sample_reports import outcome, report
from rollproof.system.bundle import check_files
from rollproof.verdict import validation as module
from rollproof.verdict.measured import AnswerTime
from rollproof.verdict.validation import validation


def test_each_case_belongs_to_one_area():
    cases = [
        outcome(check="columns"),
        outcome("not restored", check="content"),
        outcome("inconclusive", check="services"),
        outcome(check="endpoint_values"),
        outcome("not restored", check="plans"),
    ]
    answers = (AnswerTime("health", 0.5, 0.25), AnswerTime("me", None, 1), AnswerTime("old", 0.1, None))

    assert validation(report(*cases, answers=answers, families={"endpoint_values": "endpoints"})) == {
        "integrity": "1 not restored, 1 verified (content)",
        "application": "1 inconclusive, 1 verified; health answered in 0.25 s (before: 0.50 s); me answered in 1.00 s",
        "performance": "1 not restored (plans)",
    }


def test_what_nobody_asked_is_said():
    assert {*validation(report()).values()} == {"nothing was asked"}


def test_the_checks_that_are_about_performance_are_there():
    assert {*check_files()} >= module._PERFORMANCE  # noqa: SLF001
