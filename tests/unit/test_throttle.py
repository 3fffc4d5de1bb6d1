"""Scans wait while replicas lag or others are at work: told once, within one budget, and only if that can be seen."""

import contextlib
import threading

import pytest

from rollproof.model.errors import Inconclusive
from rollproof.server import throttle
from rollproof.server.throttle import Throttle
from rollproof.server.transactions import Limits


class Server:
    """What the server says at each look: how far a replica lags, how many sessions are active, and what is hidden."""

    def __init__(self, *lags, active=0, hidden=0, standby=False):
        self.lags, self.active, self.hidden, self.standby = list(lags), active, hidden, standby
        self.asked = []

    @contextlib.contextmanager
    def transaction(self):
        yield self

    def execute(self, query, _parameters=()):
        text = query.decode()
        self.asked.append(text)
        if "pg_is_in_recovery" in text:
            self.answer = (self.standby,)
        elif "current_user" in text:
            self.answer = ("the reader",)
        elif "active" in text:
            self.answer = (self.active, self.hidden)
        else:
            self.answer = (self.lags.pop(0), self.hidden)
        return self

    def fetchone(self):
        return self.answer


@pytest.fixture
def waits():
    """Call it with limits and a server; it returns what was said, when the scan may begin."""

    def wait(server, stop=None, **limits):
        said = []
        Throttle(Limits(**limits), said.append, stop or Clockless()).wait(server.transaction)
        return said

    return wait


class Clockless(threading.Event):
    """An end that nobody waits for."""

    def wait(self, timeout=None):
        assert 0 < timeout <= throttle.LOOK_SECONDS
        return self.is_set()


def test_without_limits_nobody_is_asked(waits):
    server = Server()

    assert waits(server) == []
    assert server.asked == []


def test_a_scan_waits_until_the_replicas_are_close_enough_and_says_so_once(waits):
    said = waits(Server(9.0, 5.0, 2.0), max_replica_lag=2.0, max_pause=60)

    assert said == ["paused: a replica is 9.0 s behind, more than --max-replica-lag 2", "resumed after 0 s"]


def test_a_standby_looks_at_its_own_lag(waits):
    server = Server(3.0, 0.0, standby=True)

    assert waits(server, max_replica_lag=1.0, max_pause=60)[0].startswith("paused: this standby is 3.0 s behind")
    assert sum("pg_last_wal_replay_lsn" in text for text in server.asked) == 2
    assert not any("pg_stat_replication" in text for text in server.asked)


def test_as_many_sessions_as_allowed_are_no_reason_to_wait(waits):
    assert waits(Server(active=8), max_active_sessions=8) == []


def test_all_delays_together_have_one_budget():
    throttled = Throttle(Limits(max_active_sessions=1, max_pause=2.5), lambda _: None, Clockless())
    busy = Server(active=2)

    for _ in range(2):
        with pytest.raises(Inconclusive, match=r"2 other sessions are active, .* for longer than --max-pause 2\.5 s"):
            throttled.wait(busy.transaction)

    assert len(busy.asked) == 5  # after 0, 1, 2 and 2.5 s, and once more when nothing is left


def test_the_end_of_the_run_ends_a_delay(waits):
    stop = Clockless()
    stop.set()

    with pytest.raises(Inconclusive, match=r"behind.*and the run was ended"):
        waits(Server(9.0), stop=stop, max_replica_lag=1.0, max_pause=60)


@pytest.mark.parametrize("limits", [{"max_replica_lag": 1.0}, {"max_active_sessions": 1}])
def test_what_a_role_cannot_see_is_no_leave_to_begin(limits, waits):
    with pytest.raises(Inconclusive, match=r'GRANT pg_monitor TO "the reader", or leave out --max-(replica|active)'):
        waits(Server(0.0, hidden=1), **limits)
