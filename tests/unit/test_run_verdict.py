"""The verdict of a run: the worst outcome decides, an end before the end says so, and silence is never good."""

import signal

from fixtures.every import every
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


@every(
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


@every("kind", KINDS)
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


@every(
    ("kind", "sentence"),
    {
        "broken": "a check ended in an error of rollproof's own, so nothing is vouched for; please report it",
        "misuse": "the configuration does not fit what was found",
        "not restored": AFTER.bad_sentence,
        "inconclusive": "nothing was found wrong, but not everything could be decided",
        "warning": f"{AFTER.good_sentence}, with 1 warning",
        "verified": AFTER.good_sentence,
        "not checked": "nothing was compared, and silence is not proof",
    }.items(),
)
def test_each_verdict_explains_itself(kind, sentence):
    assert verdict(outcomes(kind), ending()).sentence == sentence


def test_what_is_missing_is_named_with_how_it_can_be_had():
    found = [Outcome("rows", "", "verified", "high"), Outcome("content", "", "not checked", "high")]
    both = verdict(outcomes("verified"), ending(checks=ESSENTIAL)).sentence

    assert verdict(found, ending(checks=ESSENTIAL)).sentence == (
        "nothing was found wrong, but nobody can say whether the rows are the same (content): take the reference with rows of "
        "the tables: a baseline, a database, a dump, or the migration's copies; or leave that out knowingly, by "
        "-k 'not (content)', and the verdict is of a part"
    )
    assert (
        "whether every row is there again (rows); whether the rows are the same (content): take the reference" in both
    )
    assert both.count("take the reference") == 1
    assert "-k 'not (rows or content)'" in both


def test_a_side_that_could_not_be_read_is_the_verdict():
    found = verdict(outcomes("not restored"), ending(trouble="no server"))

    assert found == ("INCONCLUSIVE", 7, "the database or the reference could not be read at all")


def test_a_signal_is_told_with_what_was_known_by_then():
    def told(kind, selection, **rest):
        return verdict(outcomes(kind), ending(selection, signal=signal.SIGTERM, **rest))

    many = Selected(1_200, 1_200)
    assert told("verified", Selected(0, 3)) == (
        *("INTERRUPTED", 143),
        "ended by SIGTERM before the first case was asked; nothing was checked",
    )
    assert told("verified", Selected(1_200, 3_000)).sentence == (
        "ended by SIGTERM after 1,200 of 3,000 cases; what is not listed was not checked"
    )
    assert told("not restored", many).sentence == (
        "ended by SIGTERM when all 1,200 cases had been asked; what they said is NOT RESTORED: " + AFTER.bad_sentence
    )
    assert "what they said is BROKEN: " in told("verified", many, outside="broken").sentence
    assert verdict(outcomes("verified"), ending(interrupted=True)) == (
        *("INTERRUPTED", 130),
        f"ended when all 9 cases had been asked; what they said is VERIFIED: {AFTER.good_sentence}",
    )
