"""Outcomes and reports as values: what follows from what, and what is told of them in words."""

from types import SimpleNamespace

from fixtures.every import every
from rollproof.model.finding import Finding, FindingId
from rollproof.verdict.outcome import NotConfigured, Outcome, Report, explained
from rollproof.verdict.selected import Selected


def outcome(*findings):
    return Outcome("any", "", "not restored" if findings else "verified", "high", findings=findings)


def test_each_finding_says_what_it_follows_from():
    table = Finding("tables", "public.a", "table", None, compared=True)
    column = Finding("columns", "public.a.c", "text", None, compared=True)
    other = Finding("indexes", "public.b.i", "x", None, compared=True)
    found = [outcome(column, other), outcome(), outcome(table)]

    told = explained(found, {"tables": {"public.a": "table", "public.b": "table"}})

    assert [[each.follows_from for each in one.findings] for one in told] == [
        [FindingId("tables", "public.a"), None],
        [],
        [None],
    ]
    assert told[1] is found[1]


@every(
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


@every(
    ("selected", "told"),
    [
        (Selected(0, 0), "none: it never came to the cases"),
        (Selected(1_200, 1_200), "all 1,200 cases"),
        (Selected(3, 3), "all 3 cases"),
        (Selected(4, 3), "all 3 cases"),
    ],
)
def test_what_was_selected_is_told_in_words(selected, told):
    assert str(selected) == told
    assert selected.whole


def test_a_part_says_of_how_much_and_why():
    part = Selected(1_200, 3_000, ("selected by -k x", "stopped by -x"))

    assert str(part) == "1,200 of 3,000 cases (selected by -k x; stopped by -x)"
    assert not part.whole
