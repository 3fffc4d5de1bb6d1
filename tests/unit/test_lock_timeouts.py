"""How long locks are waited for: three tries of the first, and no more than twenty seconds of all."""

import threading

import pytest

from rollproof.server import lock_timeouts
from rollproof.server.lock_timeouts import ALL_SECONDS, LOOK_SECONDS, TRIES, LockTimeouts


@pytest.fixture
def at_once(monkeypatch):
    """No pause between two tries."""
    monkeypatch.setattr(lock_timeouts, "PAUSE", 0)


@pytest.mark.usefixtures("at_once")
def test_a_lock_is_tried_three_times_and_after_one_that_stayed_each_further_one_once():
    timeouts, closing = LockTimeouts(2.0), threading.Event()

    assert [timeouts.met(times, closing) for times in range(1, TRIES + 1)] == [True, True, False]
    assert timeouts.met(1, closing) is False


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("limit", [0.05, 4.0, 60.0])
def test_after_twenty_seconds_in_all_each_further_lock_is_only_looked_at(limit):
    timeouts, closing, waited = LockTimeouts(limit), threading.Event(), 0.0

    while waited < ALL_SECONDS:
        assert timeouts.timeout == limit
        timeouts.met(1, closing)
        waited += limit

    assert timeouts.timeout == min(limit, LOOK_SECONDS)


def test_whoever_closes_waits_for_no_second_try():
    closing = threading.Event()
    closing.set()

    assert LockTimeouts(2.0).met(1, closing) is False
