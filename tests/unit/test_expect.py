"""What a check expects: what fails, what is inconclusive, and what only warns."""

import datetime
from dataclasses import replace

import pytest

from fixtures.every import every
from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive, NotChecked
from rollproof.model.failure import NotRestored, Undecided, Warned
from rollproof.model.finding import Finding, RowReport, Statement, Unknown
from rollproof.model.plain_text import SHOWN
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.settings.waiver import Waiver
from rollproof.sources.recorded import Recorded
from rollproof.verdict.expect import Expect
from rollproof.verdict.waivers import Waivers

TODAY = datetime.date(2026, 11, 28)
NO_WAIVERS = Waivers((), TODAY)
ORIGIN = Origin(database="shop", system="1", server_version=180006, taken="then", schemas=None, tool="0.2.0")


def side(facts, unknown=()):
    return Recorded(Snapshot(ORIGIN, {"comments": facts}, {"comments": dict(unknown)}), "the baseline")


def small(difference):
    return difference.identity == "public.small"


def judged(now, unknown=(), waivers=NO_WAIVERS):
    was = dict.fromkeys(now, "a")
    Expect("comments", side(was), side(now, unknown), waivers).restored("comments", heals=small)


def test_what_heals_warns_and_nothing_else():
    with pytest.raises(Warned) as warned:
        judged({"public.small": "b", "public.same": "a"})

    assert [finding.subject for finding in warned.value.findings] == ["public.small"]
    assert "comments: 1 to know about" in str(warned.value)
    assert "not restored" not in str(warned.value)


def test_what_heals_is_told_below_a_failure_and_is_known_as_such():
    with pytest.raises(NotRestored) as failed:
        judged({"public.small": "b", "public.other": "b"})

    assert {finding.subject: finding.heals for finding in failed.value.findings} == {
        "public.other": False,
        "public.small": True,
    }
    assert str(failed.value).startswith("comments: 1 difference\n- public.other")
    assert str(failed.value).index("public.other") < str(failed.value).index("public.small")


def test_a_doubt_weighs_more_than_a_warning_and_both_are_told():
    with pytest.raises(Inconclusive, match=r"(?s)public.hidden: no grant.*public.small") as untold:
        judged({"public.small": "b"}, {"public.hidden": "no grant"})

    assert not isinstance(untold.value, Warned)


def test_what_is_waived_does_not_warn():
    waivers = Waivers((Waiver("comments", "public.small", "known", TODAY),), TODAY)

    judged({"public.small": "b"}, waivers=waivers)

    assert [waiver.identity for waiver in waivers.used] == ["public.small"]


def test_a_check_without_a_facet_warns_too():
    found = [Difference("nothing_lost", "public.small", "a", "b")]

    with pytest.raises(Warned, match="nothing_lost: 1"):
        Expect("nothing_lost", side({}), side({}), NO_WAIVERS).nothing(found, heals=small)


def test_a_warning_is_no_failure_of_pythons_own():
    assert not issubclass(Warned, AssertionError)


def test_a_note_is_kept_once():
    told = side({})
    for text in ("first", "second", "first"):
        told.note(text)

    assert told.notes == ["first", "second"]


def test_a_finding_that_needs_no_comparison_keeps_its_sentence_and_may_heal():
    found = Finding("primary_keys", "public.x", None, None, "public.x has no primary key")

    with pytest.raises(NotRestored, match=r"1 finding\n- public.x has no primary key$"):
        Expect("primary_keys", side({}), side({}), NO_WAIVERS).nothing([found])
    with pytest.raises(Warned):
        Expect("primary_keys", side({}), side({}), NO_WAIVERS).nothing([replace(found, heals=True)])


def test_a_failure_shows_the_rows_of_the_first_findings_and_the_statements_of_all():
    was = {f"public.t{number:02}": "a" for number in range(SHOWN + 1)}
    looked_at = []

    def rows(subject):
        looked_at.append(subject)
        return RowReport(subject, unnamed="no copy")

    expect = Expect("comments", side(was), side(dict.fromkeys(was, "b")), NO_WAIVERS)
    with pytest.raises(NotRestored) as failed:
        expect.restored("comments", rows=rows, statements=lambda subject: [Statement(f"VACUUM {subject};", subject)])

    assert looked_at == sorted(was)[:SHOWN]
    assert [report.table for report in failed.value.rows] == looked_at
    assert {each.mends for each in failed.value.statements} == set(was)


def test_what_is_undecided_of_several_things_is_an_entry_for_each_and_hides_no_finding():
    def ask(name):
        if name == "found":
            yield Finding("check", name)
        elif name == "odd":
            raise Inconclusive("a reason of its own")
        else:
            raise Undecided((), unknown=(Unknown(name, "locked"),))

    expect = Expect("check", side({}), side({}), NO_WAIVERS)
    with pytest.raises(Undecided) as undecided:
        expect.none_of(["a", "odd", "b"], ask)
    with pytest.raises(NotRestored) as failed:
        expect.none_of(["a", "found", "b"], ask)

    assert undecided.value.unknown == failed.value.unknown == (Unknown("a", "locked"), Unknown("b", "locked"))
    assert undecided.value.reason == "a reason of its own"
    assert [finding.subject for finding in failed.value.findings] == ["found"]


def without(facet, reason="no grant"):
    return Recorded(Snapshot(ORIGIN, {}, {}, {facet: reason}), "the baseline")


@every(
    ("before", "after", "cut_off", "kind"),
    [
        (without("comments"), side({}), "", NotChecked),
        (side({}), without("comments"), "", Inconclusive),
        (without("comments"), without("comments"), "", NotChecked),
        (without("comments", "late"), side({}), "comments cannot be read in the baseline: late", Inconclusive),
    ],
)
def test_a_source_that_never_holds_a_facet_is_not_checked_unless_the_other_one_knew_it(before, after, cut_off, kind):
    with pytest.raises(kind):
        Expect("comments", before, after, NO_WAIVERS, cut_off).restored("comments")


def test_a_statement_among_what_was_found_goes_with_its_finding_and_is_waived_with_it():
    found = [Finding("check", "a"), Statement("DROP a;", "a"), Finding("check", "b"), Statement("DROP b;", "b")]
    waivers = Waivers((Waiver("check", "b", "known", TODAY),), TODAY)

    with pytest.raises(NotRestored) as failed:
        Expect("check", side({}), side({}), waivers).nothing(found)

    assert failed.value.statements == (Statement("DROP a;", "a"),)
