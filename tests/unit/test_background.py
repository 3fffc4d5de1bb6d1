"""Waiting for what may never answer: until it is there, the time is over, the deadline is reached or the run ends."""

import threading
import time

import pytest

from rollproof.model.errors import Inconclusive
from rollproof.system.background import ENDED, FROZEN, Patience, background, in_plain_words, let_go
from rollproof.system.deadline import Deadline


@pytest.fixture
def never():
    """The future of a call that does not come back before the test ends."""
    end = threading.Event()
    yield background(end.wait)
    end.set()


def test_an_answer_is_what_the_call_returned_or_raised():
    assert Patience().result(background(lambda: 7), "the server", 10) == 7
    with pytest.raises(ZeroDivisionError):
        Patience().result(background(lambda: 1 // 0), "the server", 10)


def test_an_error_that_is_a_timeout_of_its_own_is_no_waiting():
    def fail():
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        Patience().result(background(fail), "the server", 10)


def test_who_does_not_answer_is_told_of_meanwhile_and_given_up_in_the_end(never):
    heard = []

    with pytest.raises(Inconclusive, match=rf"no answer from the server for 0 s: {FROZEN}"):
        Patience(silence=1.2, tell=heard.append).result(never, "the server", 0.5)

    assert heard == ["no answer from the server for 0 s (giving up at 0 s)"] * 2  # at 0.2 and at 0.4


def test_the_deadline_of_the_run_and_its_end_are_not_waited_beyond(never):
    stop = threading.Event()
    stop.set()

    with pytest.raises(Inconclusive, match=ENDED):
        Patience(stop=stop).result(never, "the server", 60)
    began = time.monotonic()
    with pytest.raises(Inconclusive, match="max-duration"):
        Patience(deadline=Deadline(0.01)).result(never, "the server", 60)
    assert time.monotonic() - began < 5


def test_what_nobody_waits_for_any_more_is_closed_when_it_comes(caplog):
    closed, may = [], threading.Event()
    late = background(lambda: may.wait() and "it")
    failing = background(lambda: 1 // 0)
    let_go(late, closed.append)
    let_go(failing, closed.append)
    assert closed == []

    may.set()
    late.result(10)

    assert closed == ["it"]
    assert failing.exception(10)
    assert caplog.records == []  # as there would be of a close that failed


def test_a_connection_that_timed_out_is_told_for_what_that_means():
    assert in_plain_words("Connection timed out") == f"Connection timed out: {FROZEN}"
    assert in_plain_words("Connection refused") == "Connection refused"


def test_who_waits_keeps_no_process_alive(never):
    waiting = [thread.daemon for thread in threading.enumerate() if thread.name == "rollproof waits"]

    assert not never.done()
    assert waiting
    assert all(waiting)


def test_a_call_that_has_begun_cannot_be_cancelled():
    answer = background(lambda: time.sleep(0.05) or 7)

    assert not answer.cancel()
    assert answer.result(10) == 7
