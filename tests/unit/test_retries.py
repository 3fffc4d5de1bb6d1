"""How often one query is tried: a lock that was met at once again and again, for as long as one lock may be waited for."""

import threading

import psycopg
import pytest
from psycopg import errors

from rollproof.server import retries
from rollproof.server.lock_timeouts import LockTimeouts
from rollproof.server.retries import Retries, pause_after_loss


class Clock:
    """A clock and an end that nobody waits for: each wait only moves the clock."""

    def __init__(self):
        self.now = 100.0
        self.ended = False
        self.waits = []

    def wait(self, seconds):
        self.now += seconds
        self.waits.append(seconds)
        return self.ended

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(retries, "time", made)
    return made


def test_a_hasty_query_is_tried_for_as_long_as_one_lock_may_be_waited_for(clock):
    again, timeouts = Retries(), LockTimeouts(1.0)

    tries = [again.after_lock(timeouts, clock, hasty=True) for _ in range(6)]

    assert tries == [True] * 6
    assert again.locked == 1  # five looks are one try
    assert clock.waits == [retries.LOOK_AGAIN] * 5 + [0.5]


def test_another_query_waits_at_the_server_and_each_lock_is_a_try(clock):
    again, timeouts = Retries(), LockTimeouts(1.0)

    assert [again.after_lock(timeouts, clock, hasty=False) for _ in range(4)] == [True, True, False, False]


def test_when_the_run_ends_nothing_is_tried_again(clock):
    clock.ended = True

    assert Retries().after_lock(LockTimeouts(1.0), clock, hasty=True) is False
    assert Retries().after_lock(LockTimeouts(1.0), clock, hasty=False) is False


def test_a_line_that_broke_without_a_word_is_given_a_moment(clock):
    pause_after_loss(errors.AdminShutdown("terminating connection"), clock)
    assert clock.waits == []

    pause_after_loss(psycopg.OperationalError("server closed the connection unexpectedly"), clock)
    assert clock.waits == [retries.SETTLED]


def test_a_moment_ends_with_the_run():
    closing = threading.Event()
    closing.set()

    assert pause_after_loss(psycopg.OperationalError("gone"), closing) is None


def test_of_two_locks_one_after_the_other_each_has_its_time(clock):
    again, timeouts = Retries(), LockTimeouts(1.0)
    for _ in range(6):
        again.after_lock(timeouts, clock, hasty=True)
    clock.wait(10)

    assert [again.waits(1.0), clock.wait(0.9), again.waits(1.0), clock.wait(0.1), again.waits(1.0)] == [
        *(True, False, True),
        *(False, False),
    ]
