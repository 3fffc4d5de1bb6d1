"""The verdict of a run: one word, one exit code and one sentence, whatever came together."""

import itertools
import signal
from dataclasses import replace
from types import SimpleNamespace

import pytest

from rollproof.model.finding import Finding, FindingId
from rollproof.model.phase import PHASES
from rollproof.verdict.outcome import KINDS, End, NotConfigured, Outcome, Report, explained, verdict
from rollproof.verdict.selected import Selected

PHASE = PHASES["post_rollback"]
END = End(PHASE, frozenset({"rows", "content", "indexes"}))
ALL = Selected(3, 3)
PART = Selected(1_200, 3_000, ("selected by -k x", "stopped by -x"))
# Worst first: what a run means that has it, and nothing worse.
MEANS = {
    "broken": ("BROKEN", 3, "a check ended in an error of rollproof's own, so nothing is vouched for; please report it"),
    "misuse": ("MISUSE", 4, "the configuration does not fit what was found"),
    "not restored": ("NOT RESTORED", 1, "the rollback did not put the database back"),
    "inconclusive": ("INCONCLUSIVE", 7, "nothing was found wrong, but not everything could be decided"),
    "warning": ("VERIFIED", 0, "all that was checked is as it was, with 1 warning"),
    "verified": ("VERIFIED", 0, "all that was checked is as it was"),
    "not checked": ("NOTHING CHECKED", 5, "nothing was compared, and silence is not proof"),
}  # fmt: skip


def outcomes(*kinds, checks=("rows", "content", "indexes")):
    """Return an outcome of each kind; the first check's kind is the first one."""
    return [Outcome(check, "", kind, "high") for check, kind in zip(itertools.cycle(checks), kinds, strict=False)]


def test_the_kinds_stand_worst_first():
    assert tuple(MEANS) == KINDS


@pytest.mark.parametrize("place", range(len(KINDS)), ids=KINDS)
def test_the_worst_kind_decides_in_any_order(place):
    of_part = {"warning": ("rows", "content"), "verified": ("rows", "content")}  # which are the essential ones
    found = [each for kind in KINDS[place:] if kind != "warning" or KINDS[place] == "warning" for each in
             outcomes(kind, kind, checks=of_part.get(kind, ("indexes",)))]  # fmt: skip
    word, code, sentence = MEANS[KINDS[place]]

    for one in (found, found[::-1]):
        told = verdict(END, one, ALL, 0)
        assert told[:2] == (word, code)
        assert told[2].partition(", with")[0] == sentence.partition(", with")[0]


def test_warnings_are_counted_with_the_verdict():
    good = outcomes("verified", "verified", "warning")

    assert verdict(END, good, ALL, 0) == MEANS["warning"]
    assert verdict(END, [*good, *outcomes("warning")], ALL, 0)[2].endswith("as it was, with 2 warnings")
    assert verdict(END, [*good, *outcomes("not restored")], ALL, 1)[2].endswith("put the database back, with 1 warning")


@pytest.mark.parametrize(("exitstatus", "kind"), [(3, "broken"), (4, "misuse")])
def test_pytests_own_trouble_is_worse_than_any_finding(exitstatus, kind):
    assert verdict(END, outcomes("not restored", "verified"), ALL, exitstatus) == MEANS[kind]
    assert verdict(END, outcomes("not restored", "verified"), ALL, 1) == MEANS["not restored"]
    assert verdict(END, outcomes("not restored", "verified"), ALL, 2) == MEANS["not restored"]


def test_nothing_at_all_is_nothing_checked():
    assert verdict(END, [], ALL, 0) == MEANS["not checked"]
    assert verdict(END, [], PART, 0) == MEANS["not checked"]


def test_a_run_that_could_read_nothing_is_inconclusive():
    told = ("INCONCLUSIVE", 7, "the subject or the reference could not be read at all")

    assert verdict(replace(END, trouble="no route to host"), outcomes("not restored"), ALL, 1) == told


def test_a_part_is_called_one():
    told = f"{PART}: all that was checked is as it was"

    assert str(PART) == "1,200 of 3,000 cases (selected by -k x; stopped by -x)"
    assert verdict(END, outcomes("verified", "verified"), PART, 0) == ("PARTLY VERIFIED", 0, told)
    word, _, sentence = verdict(END, outcomes("not restored"), PART, 1)
    assert (word, sentence) == ("NOT RESTORED", f"{PART}: the rollback did not put the database back")


@pytest.mark.parametrize(
    ("selected", "told"),
    [
        (Selected(0, 0), "none: it never came to the cases"),
        (Selected(1_200, 1_200), "all 1,200 cases"),
        (ALL, "all 3 cases"),
    ],
)
def test_what_was_selected_is_told_in_words(selected, told):
    assert str(selected) == told
    assert selected.whole


def test_without_an_essential_nothing_is_good():
    word, code, sentence = verdict(END, outcomes("verified", "not checked", "warning"), ALL, 0)

    assert (word, code) == ("INCONCLUSIVE", 7)
    assert sentence == (
        "nothing was found wrong, but nobody can say whether the rows are the same (content): take the reference with rows of the "
        "tables: a baseline, a database, a dump, or the migration's copies; or leave that out knowingly, by -k 'not (content)', "
        "and the verdict is of a part, with 1 warning"
    )
    _, _, both = verdict(END, outcomes("verified", checks=["indexes"]), ALL, 0)
    assert (
        "whether every row is there again (rows); whether the rows are the same (content): take the reference" in both
    )
    assert both.count("take the reference") == 1
    assert "-k 'not (rows or content)'" in both


def test_an_essential_is_missed_only_where_it_could_be_had():
    good = outcomes("verified", checks=["indexes"])

    assert verdict(replace(END, any_table=False), good, ALL, 0) == MEANS["verified"]
    assert verdict(replace(END, checks=frozenset({"indexes"})), good, ALL, 0) == MEANS["verified"]
    assert verdict(END, outcomes("verified", "inconclusive"), ALL, 0) == MEANS["inconclusive"]


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        (Selected(0, 3), "ended by SIGTERM before the first case was asked; nothing was checked"),
        (PART, "ended by SIGTERM after 1,200 of 3,000 cases; what is not listed was not checked"),
        (
            Selected(1_200, 1_200),
            f"ended by SIGTERM when all 1,200 cases had been asked; what they said is NOT RESTORED: {PHASE.bad_sentence}",
        ),
    ],
)
def test_a_signal_is_told_with_what_was_known_by_then(selection, told):
    end = replace(END, signal=signal.SIGTERM)

    assert verdict(end, outcomes("not restored"), selection, 2) == ("INTERRUPTED", 143, told)


def test_an_interrupt_without_a_signal_is_that_of_a_keyboard():
    end = replace(END, interrupted=True)
    word, code, sentence = verdict(end, outcomes("verified", "verified"), ALL, 2)

    assert (word, code) == ("INTERRUPTED", 130)
    assert sentence.startswith("ended when all 3 cases had been asked; what they said is VERIFIED: ")
    assert "what they said is BROKEN" in verdict(end, outcomes("verified"), ALL, 3)[2]
    assert "what they said is MISUSE" in verdict(end, outcomes("verified"), ALL, 4)[2]


@pytest.mark.parametrize(
    ("word", "code", "tone"),
    [
        ("VERIFIED", 0, "good"),
        ("PARTLY VERIFIED", 0, "part"),
        ("NOT RESTORED", 1, "bad"),
        ("BROKEN", 3, "bad"),
        ("MISUSE", 4, "open"),
        ("INCONCLUSIVE", 7, "open"),
        ("INTERRUPTED", 143, "open"),
    ],
)
def test_what_kind_of_news_a_verdict_is(word, code, tone):
    assert Report.tone.fget(SimpleNamespace(verdict=word, exit_code=code)) == tone


def test_what_nobody_configured_is_one_line():
    assert str(NotConfigured("endpoints", ("endpoints",), "no [[endpoints]]")) == (
        "not configured: endpoints (1 check: endpoints): no [[endpoints]]"
    )
    assert str(NotConfigured("backup", ("a", "b"), "none")) == "not configured: backup (2 checks: a, b): none"


def test_each_finding_says_what_it_follows_from():
    table = Finding("tables", "public.a", "table", None, compared=True)
    column = Finding("columns", "public.a.c", "text", None, compared=True)
    other = Finding("indexes", "public.b.i", "x", None, compared=True)
    found = [replace(outcomes("not restored")[0], findings=(column, other)), outcomes("verified")[0],
             replace(outcomes("not restored")[0], findings=(table,))]  # fmt: skip

    told = explained(found, {"tables": {"public.a": "table", "public.b": "table"}})

    assert [[each.follows_from for each in one.findings] for one in told] == [
        [FindingId("tables", "public.a"), None],
        [],
        [None],
    ]
    assert told[1] is found[1]
