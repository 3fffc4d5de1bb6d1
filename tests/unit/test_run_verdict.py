"""The verdict of a run: the worst outcome decides, an end before the end says so, and silence is never good."""

import signal

import pytest

from rollproof.model.phase import PHASES
from rollproof.verdict.outcome import KINDS, Outcome
from rollproof.verdict.run_verdict import Ending, verdict
from rollproof.verdict.selected import Selected

AFTER = PHASES["post_rollback"]
WHOLE = Selected(9, 9)
PART = Selected(9, 20, ("selected by -k rows",))
ESSENTIAL = frozenset(check for essential in AFTER.essentials for check in essential.checks)


def outcomes(*kinds):
    return [Outcome("columns", f"public.t{number}", kind, "high") for number, kind in enumerate(kinds)]


def ending(selection=WHOLE, **rest):
    return Ending(AFTER, selection, **rest)


@pytest.mark.parametrize(
    ("kinds", "word", "code"),
    [
        (["verified", "not checked"], "VERIFIED", 0),
        (["warning", "verified"], "VERIFIED", 0),
        (["inconclusive", "warning"], "INCONCLUSIVE", 7),
        (["not restored", "inconclusive"], "NOT RESTORED", 1),
        (["misuse", "not restored"], "MISUSE", 4),
        (["broken", "misuse"], "BROKEN", 3),
        (["not checked"], "NOTHING CHECKED", 5),
        ([], "NOTHING CHECKED", 5),
    ],
)
def test_the_worst_outcome_decides(kinds, word, code):
    for found in (outcomes(*kinds), outcomes(*reversed(kinds))):
        assert verdict(found, ending())[:2] == (word, code)


def test_what_happened_outside_of_all_cases_counts_too():
    good = outcomes("verified")

    assert verdict(good, ending(outside="broken"))[:2] == ("BROKEN", 3)
    assert verdict(good, ending(outside="misuse"))[:2] == ("MISUSE", 4)
    assert verdict(outcomes("broken"), ending(outside="misuse")).exit_code == 3
    assert verdict(good, ending(trouble="no server"))[:2] == ("INCONCLUSIVE", 7)


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_good_word_is_partly_and_every_sentence_says_of_how_much(kind):
    whole, part = (verdict(outcomes(kind), ending(selection)) for selection in (WHOLE, PART))

    assert (part.word == f"PARTLY {whole.word}") == (whole.exit_code == 0)
    assert part.sentence.startswith("9 of 20 cases (selected by -k rows): ") == (kind != "not checked")
    assert part.exit_code == whole.exit_code


def test_warnings_are_counted():
    assert verdict(outcomes("warning"), ending()).sentence.endswith(", with 1 warning")
    assert verdict(outcomes("warning", "warning", "not restored"), ending()).sentence.endswith(", with 2 warnings")
    assert "warning" not in verdict(outcomes("verified"), ending()).sentence


def test_a_phase_without_an_answer_to_its_question_is_not_good():
    found = verdict(outcomes("verified"), ending(checks=ESSENTIAL))

    assert found[:2] == ("INCONCLUSIVE", 7)
    assert AFTER.essentials[0].what in found.sentence
    assert verdict(outcomes("verified"), ending(checks=ESSENTIAL, any_table=False)).word == "VERIFIED"
    assert verdict(outcomes("not restored"), ending(checks=ESSENTIAL)).word == "NOT RESTORED"


def test_an_interrupted_run_says_how_far_it_came():
    def told(selection, **rest):
        return verdict(outcomes("verified"), ending(selection, **rest))

    ended = told(PART, signal=signal.SIGTERM)
    whole = told(WHOLE, interrupted=True)
    nothing = told(Selected(0, 20), interrupted=True)

    assert ended[:2] == ("INTERRUPTED", 128 + signal.SIGTERM)
    assert ended.sentence == "ended by SIGTERM after 9 of 20 cases; what is not listed was not checked"
    assert whole[:2] == ("INTERRUPTED", 128 + signal.SIGINT)
    assert "what they said is VERIFIED" in whole.sentence
    assert nothing.sentence == "ended before the first case was asked; nothing was checked"
