"""Which target is next: each once, never too many on one server, the servers in turn."""

from hypothesis import given
from hypothesis import strategies as st

from rollproof.fleet.target import FleetTarget
from rollproof.fleet.waiting import Attempt, Waiting


def of(servers):
    return [FleetTarget(str(place), "", server=server) for place, server in enumerate(servers)]


@given(st.lists(st.sampled_from("abc"), max_size=30), st.integers(1, 3), st.data())
def test_whatever_ends_when_each_is_taken_once_and_no_server_has_too_many(servers, most, data):
    waiting, running, taken = Waiting(most), [], []
    waiting.extend(of(servers))
    while waiting or running:
        attempt = waiting.take() if data.draw(st.booleans()) or not running else None
        if attempt:
            running.append(attempt)
            taken.append(attempt.target.name)
        else:
            assert running  # or nothing would ever be begun again
            waiting.ended(running.pop(data.draw(st.integers(0, len(running) - 1))))
        for server in "abc":
            assert sum(each.target.server == server for each in running) <= most

    assert sorted(taken) == sorted(each.name for each in of(servers))


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30), st.integers(1, 3))
def test_as_many_as_may_be_begun_are_begun(servers, most):
    waiting, begun = Waiting(most), []
    waiting.extend(of(servers))
    while attempt := waiting.take():
        begun.append(attempt.target.server)

    assert {each: begun.count(each) for each in servers} == {each: min(most, servers.count(each)) for each in servers}


def test_servers_take_turns():
    waiting = Waiting(9)
    waiting.extend(of("aaabc"))

    assert [waiting.take().target.server for _ in range(5)] == ["a", "b", "c", "a", "a"]


def test_what_was_put_off_comes_when_its_time_has_come():
    waiting = Waiting(1)
    waiting.add(Attempt(of("a")[0]), after=60.0)

    assert waiting
    assert waiting.take() is None
    assert 59 < waiting.seconds <= 60
    waiting.add(Attempt(of("a")[0]), after=1e-9)
    assert waiting.take()
