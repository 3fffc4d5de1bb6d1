"""What a check expects: what fails, what is inconclusive, and what only warns."""

import datetime

import pytest

from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive
from rollproof.model.failure import NotRestored, Warned
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
