"""Gentle reading's pace: how long to rest after how slow an answer."""

from hypothesis import given
from hypothesis import strategies as st

from rollproof.server import pacing as pace
from rollproof.server.pacing import BYTES, LEAST, MOST, Duty, OtherTransactions, next_size

SECONDS = st.floats(min_value=0, max_value=1e4)
ANSWERS = st.lists(st.tuples(SECONDS, st.booleans()), max_size=30)


def after(answers):
    duty = Duty()
    for seconds, alone in answers:
        duty = duty.adjusted(seconds, alone=alone)
    return duty


@given(ANSWERS, SECONDS)
def test_the_share_is_bounded_whatever_is_heard(answers, worked):
    duty = after(answers)

    assert LEAST <= duty.share <= 1
    assert duty.adjusted(0, alone=False).share <= MOST
    assert duty.adjusted(0, alone=False).rest(worked) >= min(4 * worked, pace.LONGEST) * 0.999
    assert duty.adjusted(0, alone=False, together=2).rest(worked) >= min(9 * worked, pace.LONGEST) * 0.999


@given(ANSWERS, SECONDS, SECONDS, st.booleans(), SECONDS)
def test_a_slower_answer_never_gives_a_shorter_rest(answers, first, second, alone, worked):
    quick, slow = sorted([first, second])
    duty = after(answers)

    assert duty.adjusted(slow, alone=alone).rest(worked) >= duty.adjusted(quick, alone=alone).rest(worked)
    assert duty.adjusted(quick, alone=False).rest(worked) >= duty.adjusted(quick, alone=True).rest(worked)


@given(ANSWERS)
def test_after_the_slowest_answers_the_share_comes_back(answers):
    duty = after([*answers, (0.001, False)])
    for _ in range(20):
        duty = duty.adjusted(1e4, alone=False)
    slowest = duty.share
    for _ in range(20):
        duty = duty.adjusted(duty.quickest, alone=False)

    assert (slowest, duty.share) == (LEAST, MOST)


@given(st.integers(*BYTES[::2]), SECONDS, SECONDS)
def test_a_slower_part_never_makes_the_next_one_larger(size, first, second):
    quick, slow = sorted([first, second])

    assert BYTES[0] <= next_size(size, slow) <= next_size(size, quick) <= BYTES[2]
    assert next_size(size, pace.PART) == size


def test_what_others_do_is_what_is_counted_less_our_own():
    others = OtherTransactions()
    for at in range(20):
        assert others.rate == (0 if at > 1 else float("inf")), "as long as nobody knows, they are taken for busy"
        others = others.seen(at, 1000 + 30 * at, 30 * at)

    busy = others.seen(20, 1600 + 50, 600)
    assert busy.rate == 50 / pace.WINDOW
    for at in range(21, 30):
        busy = busy.seen(at, 1650 + at, at + 600)
    assert busy.rate == 0, "they went home"
