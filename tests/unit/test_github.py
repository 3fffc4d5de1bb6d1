"""Annotations and a step's summary: whatever a database says, the runner obeys what we meant and nothing else."""

import re
from types import SimpleNamespace

import pytest

from fixtures.every import every
from fixtures.runner_commands import Obeyed, obeyed
from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.model.finding import Finding, FindingId
from rollproof.plugin import github
from rollproof.plugin.stash import FILES, RUN
from rollproof.report.github import LONGEST, MOST, ROOM, Annotation, annotations, step_summary
from rollproof.report.markdown import summary

COMMANDS = [
    "a\n::error title=x::FORGED",
    "a\r::add-mask::FORGED",
    "::stop-commands::FORGED",
    " \t::set-output name=x::FORGED",
    "x ##[error]FORGED\n##[add-path]/FORGED",
    "a::error::FORGED,title=y%0A::error::FORGED%3A%25",
    "%0D%0A::warning::FORGED",
    "a,file=FORGED,line=1::FORGED",
]


def commands(made):
    return obeyed("\n".join(each.command() for each in annotations(made)))


@every("text", [*HOSTILE, *COMMANDS])
def test_the_runner_obeys_what_was_meant(text):
    log = "\n".join(each.command() for each in annotations(all_over(text)))
    found = obeyed(log)

    assert len(found) == len(log.split("\n")) == len(annotations(all_over(text))) > 4
    assert {each.name for each in found} == {"error", "warning"}
    assert {name for each in found for name in each.properties} == {"title"}


@every("text", [*HOSTILE, *COMMANDS])
def test_what_the_runner_shows_commands_nobody(text):
    """It writes a message into its own log again, where `##[…]` has a meaning for the page."""
    for each in commands(all_over(text)):
        assert obeyed(each.data) == []
        assert "##[" not in each.data + each.properties["title"]
        assert "\n" not in each.properties["title"]


def test_a_message_and_a_title_arrive_as_they_are():
    told = Annotation("notice", "100 %, a:b%0A", "50 %25\nsecond, line: ::x").command()

    assert obeyed(told) == [Obeyed("notice", "50 %25\nsecond, line: ::x", {"title": "100 %, a:b%0A"})]


def finding(check, subject, after=None):
    return Finding(check, subject, "was", None, compared=True, follows_from=after and FindingId(*after))


def test_roots_are_told_the_worst_first_and_how_much_follows():
    lost = finding("tables", "public.orders")
    column = finding("columns", "public.orders.id", ("tables", "public.orders"))
    index = finding("indexes", "public.orders.i", ("columns", "public.orders.id"))
    small, other = finding("comments", "public.x"), finding("tables", "public.other")
    told = commands(
        report(
            outcome("not restored", findings=(small,), severity="low"),
            outcome("not restored", findings=(other, lost), severity="high"),
            outcome("not restored", findings=(column,)),
            outcome("not restored", findings=(index,)),
        )
    )

    assert [each.properties["title"] for each in told] == [
        "NOT RESTORED",
        "public.orders and 1 more: table missing",
        "public.x: comment missing",
    ]
    lines = ("public.other is missing", "  before  was", "the same at public.other", "2 consequences")
    assert told[1].data.splitlines() == [*lines]


def test_findings_that_follow_from_one_another_are_all_told():
    one, other = finding("a", "x", ("b", "y")), finding("b", "y", ("a", "x"))

    assert len(commands(report(outcome("not restored", findings=(one, other, finding("c", "z")))))) == 4


@every(
    ("made", "level", "title"),
    [
        (report(outcome(), verdict="VERIFIED", exit_code=0), "notice", "VERIFIED"),
        (report(outcome(), verdict="PARTLY VERIFIED", exit_code=0), "warning", "PARTLY VERIFIED"),
        (report(verdict="INCONCLUSIVE", exit_code=7, trouble="no route to host"), "error", "INCONCLUSIVE"),
        (report(verdict="NOTHING CHECKED", exit_code=5), "error", "NOTHING CHECKED"),
        (report(verdict="BROKEN", exit_code=3), "error", "BROKEN"),
    ],
)
def test_the_verdict_comes_first_as_bad_as_it_is(made, level, title):
    first = commands(made)[0]

    assert (first.name, first.properties["title"]) == (level, title)
    assert made.trouble in first.data


def test_a_check_without_findings_is_told_by_its_reason():
    own = outcome(
        "not restored", "12 invoices have no total", check="tests/ops/test_invoices.py::test_totals", parameter=""
    )
    doubt = outcome("inconclusive", "permission denied", check="rows", parameter="public.x")
    told = commands(report(own, doubt, outcome("warning", findings=(Finding("a", "b", sentence="c", heals=True),))))

    assert [(each.name, each.properties["title"]) for each in told[1:]] == [
        ("error", "tests/ops/test_invoices.py::test_totals: not restored"),
        ("warning", "rows of public.x: inconclusive"),
        ("warning", "b: c"),
    ]
    assert "12 invoices have no total" in told[1].data


def test_as_many_as_github_shows():
    found = tuple(finding(f"c{number:03}", f"public.t{number:03}") for number in range(200))
    doubts = [outcome("inconclusive", "x" * number, check=f"c{number}") for number in range(200)]
    told = commands(report(outcome("not restored", findings=found), *doubts))
    errors, warnings = ([each for each in told if each.name == name] for name in ("error", "warning"))

    assert (len(errors), len(warnings)) == (MOST, MOST)
    assert errors[-1].properties["title"] == "192 more"
    assert warnings[-1].properties["title"] == "191 more"


def test_a_long_message_is_cut():
    told = commands(report(outcome("not restored", "x" * 100_000)))

    assert len(told[1].data) < 4096
    assert told[1].data.startswith("x" * LONGEST)
    assert told[1].data.endswith("cut here, all in result.json")


def test_a_summary_is_whole_where_it_fits():
    made = report(outcome("inconclusive", "a reason"))

    assert step_summary(made) == summary(made)
    assert step_summary(made, taken=10) == "\n" + summary(made)


@every("taken", [0, 1, ROOM // 2, ROOM - 50_000, ROOM - 9000, ROOM - 3000, ROOM - 700, ROOM - 60, ROOM, 2 * ROOM])
def test_a_summary_that_does_not_fit_is_cut_and_its_fences_are_closed(taken):
    made = report(*(outcome("not restored", "````\né" * 4000, check=f"c{number}") for number in range(120)))
    told = step_summary(made, taken)
    fences = re.findall(
        "^(`{3,})(?:text)?$",
        re.sub("^(`{3,})(?:text|sh)\n.*?\n\\1$", "", told, flags=re.DOTALL | re.MULTILINE),
        re.MULTILINE,
    )

    assert taken + len(told.encode()) <= max(ROOM, taken)
    assert told == "" or told == "\n" * bool(taken) + summary(made) or told.endswith("cut here, all in result.json\n")
    assert fences == []


def test_a_plugin_that_annotates_each_failed_test_leaves_ours_their_room(monkeypatch):
    """GitHub shows ten of a step, and the causes come last."""
    theirs = type("_AnnotateErrors", (), {"__module__": "pytest_github_actions_annotate_failures.plugin"})()
    manager = pytest.PytestPluginManager()
    manager.register(theirs, "annotate_errors")
    stash = {FILES: None, RUN: SimpleNamespace(secrets=SimpleNamespace(hide_credentials=None))}

    for elsewhere, kept in (("false", True), ("true", False)):
        monkeypatch.setenv("GITHUB_ACTIONS", elsewhere)
        github.pytest_configure(SimpleNamespace(stash=stash, pluginmanager=manager))
        assert manager.is_registered(theirs) is kept
