"""Services are asked of their managers: a real supervisord, on this machine and over ssh; what cannot be asked is never green."""

import socket
import time

import pytest

from fixtures.every import every
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.probes.services.judged import findings
from rollproof.probes.services.looks import Seen, look, looks, watch
from rollproof.probes.services.steps import chosen, in_order, require_known, step
from rollproof.settings.service import Service


@pytest.fixture
def service(supervised):
    """Call it with a unit of the supervisord, and more fields, for that service."""

    def one(name, **fields):
        named = {"name": name, "manager": "supervisor", "control": supervised.control, "stable_seconds": 0.6}
        return Service(**named | fields)

    return one


@pytest.fixture(scope="module")
def found(supervised):
    """What the supervisord says of each unit."""
    units = ("steady", "idle", "gives_up", "slow", "pair:*", "nobody", "nobody:*")
    return looks(Service(name=each, manager="supervisor", control=supervised.control) for each in units)


def judged(service, wanted):
    """Return the sentences about a service that is watched."""
    return [each.sentence for each in findings(service, wanted, watch(service, wanted))]


@every(
    "unit, state, words",
    [
        ("steady", "running", "RUNNING pid"),
        ("idle", "stopped", "STOPPED Not started"),
        ("gives_up", "stopped", "FATAL Exited too quickly (process log may have details)"),
        ("slow", "neither", "STARTING"),
        ("pair:*", "running", "pair:two RUNNING pid"),
        ("nobody", "unknown to its manager", "nobody: ERROR (no such process)"),
        ("nobody:*", "unknown to its manager", "nobody: ERROR (no such group)"),
    ],
)
def test_a_state_is_told_in_the_managers_own_words(unit, state, words, found):
    assert found[unit].state == state
    assert words in found[unit].words


def test_what_runs_as_wanted_is_asked_again_after_the_time_that_it_should_be_stable(service):
    seen = watch(service("steady"), "running")

    assert seen.seconds >= 0.6
    assert seen.first.life == seen.last.life != ""
    assert [*findings(service("steady"), "running", seen)] == []


def test_what_ends_again_and_again_does_not_count_as_running(service):
    (sentence,) = judged(service("ends", stable_seconds=2.5), "running")

    assert sentence.startswith("service 'ends' (supervisor) was ")


def test_what_ends_again_and_again_does_not_count_as_stopped(service):
    assert judged(service("ends", stable_seconds=2.5), "stopped")


@every(
    "unit, wanted, sentence",
    [
        ("steady", "stopped", "service 'steady' (supervisor) is not stopped: RUNNING pid"),
        ("idle", "running", "service 'idle' (supervisor) is not running: STOPPED Not started"),
        ("slow", "running", "service 'slow' (supervisor) is not running: STARTING"),
        ("slow", "stopped", "service 'slow' (supervisor) is not stopped: STARTING"),
        ("gives_up", "running", "service 'gives_up' (supervisor) is not running: FATAL Exited too quickly"),
        (
            "nobody",
            "stopped",
            "service 'nobody' (supervisor) is unknown to its manager; `unit` names it as ",
        ),
    ],
)
def test_another_state_than_the_wanted_one_is_a_finding(unit, wanted, sentence, service, found):
    one = service(unit, stable_seconds=0)
    seen = Seen(found[unit], found[unit])

    (told,) = (each.sentence for each in findings(one, wanted, seen))

    assert told.startswith(sentence)


def test_over_ssh_it_is_the_same(service, sshd):
    there = service("steady", host=sshd)
    found = look(there)

    assert found.state == "running"
    assert there.where.startswith("service 'steady' (supervisor on ssh://")
    assert "ssh_config" not in there.where
    assert look(service("idle", host=sshd)).state == "stopped"


@pytest.fixture
def silent():
    """The address of a host that takes every connection, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"ssh://nobody@127.0.0.1:{server.getsockname()[1]}"


def refusal(service):
    with pytest.raises(Inconclusive) as caught:
        look(service)
    return str(caught.value)


def test_a_host_that_says_nothing_is_given_up_in_time(service, silent):
    began = time.monotonic()

    text = refusal(service("steady", host=silent, max_seconds=0.5))

    assert text.endswith("status steady` did not answer within 0.5 s")
    assert time.monotonic() - began < 3


def test_a_host_where_nobody_listens_is_told_by_sshs_own_words(service, unused_host):
    text = refusal(service("steady", host=f"ssh://nobody@{unused_host}"))

    assert "its host cannot be asked: ssh: connect to host 127.0.0.1 port" in text
    assert "Connection refused" in text


def test_a_host_that_lets_us_not_in_is_no_stopped_service(service, sshd):
    text = refusal(service("steady", host=sshd.replace("//", "//nobody-there-", 1)))

    assert "its host cannot be asked:" in text
    assert "Permission denied" in text


@every(
    "control, said",
    [
        ("/nowhere/supervisorctl -p s3cret", "`supervisorctl` cannot be run there: "),
        ("sleep", "did not answer within 0.5 s"),
        ("true", "its manager does not say what state it is in: exit code 0, without a word"),
        ("false", "its manager does not say what state it is in: exit code 1, without a word"),
        ("echo -p s3cret", "its manager does not say what state it is in: -p *** status idle"),
        (
            "echo -ps3cret --password s3cret",
            "its manager does not say what state it is in: -p*** --password *** status",
        ),
    ],
)
def test_a_manager_that_cannot_be_asked_is_no_stopped_service(control, said, service):
    control = "sh -c 'sleep 60' s3cret" if control == "sleep" else control

    text = refusal(service("idle", control=control, max_seconds=0.5))

    assert said in text
    assert "s3cret" not in text


def test_a_supervisord_that_does_not_run_is_no_stopped_service(service, tmp_path):
    (tmp_path / "conf").write_text("[supervisorctl]\nserverurl=unix:///nowhere/sock\n")
    control = service("idle").control.rpartition(" ")[0]

    text = refusal(service("idle", control=f"{control} {tmp_path / 'conf'}"))

    assert "its manager does not say what state it is in: unix:///nowhere/sock no such file" in text


def test_no_host_is_asked_more_at_a_time_than_it_lets_in(service, sshd):
    found = looks(service(f"s{n}", host=sshd, control="true") for n in range(9))

    assert [str(each).partition(": ")[2] for each in found.values()] == [
        "its manager does not say what state it is in: exit code 0, without a word"
    ] * 9


def test_all_are_asked_at_the_same_time(service, silent):
    every_one = [service("steady"), *(service(f"s{n}", host=silent, max_seconds=1.5) for n in range(4))]
    began = time.monotonic()

    found = looks(every_one)

    assert time.monotonic() - began < 5
    assert [isinstance(each, Inconclusive) for each in found.values()] == [False, True, True, True, True]


def test_each_step_says_what_came_of_it(service):
    one = service("one", unit="pair:one")

    stopped, kept = [step(each, "stop", 1) for each in (one, service("deaf", max_seconds=3))]
    started, failed = [step(each, "start", 1) for each in (one, service("gives_up"))]

    assert [each.done for each in (stopped, kept, started, failed)] == [True, False, True, False]
    assert "STOPPED" in stopped.words
    assert "RUNNING" in started.words
    assert kept.words.startswith(
        "STOPPING; service 'deaf' (supervisor): `supervisorctl stop deaf` did not answer within "
    )
    assert failed.words.startswith("FATAL Exited too quickly")
    assert "; to `start` it said: gives_up: ERROR" in failed.words


def test_nothing_is_touched_where_one_is_unknown_to_its_manager(service):
    with pytest.raises(Misuse) as caught:
        require_known([service("steady"), service("nobody")])

    assert "service 'nobody' (supervisor) is unknown to its manager: nobody: ERROR (no such process)" in str(
        caught.value
    )
    assert "nothing was done" in str(caught.value)


@every("names, found", [((), ["a", "b"]), (("b", "a"), ["a", "b"]), (("b",), ["b"])])
def test_services_are_chosen_by_name_in_the_order_of_the_configuration(names, found):
    some = [Service(name=name, manager="systemd") for name in "ab"]

    assert [each.name for each in chosen(some, names)] == found


def test_none_is_chosen_that_is_not_configured():
    with pytest.raises(Misuse, match=r"no service 'backnd'.* did you mean `backend`\?"):
        chosen([Service(name="backend", manager="systemd")], ["backnd"])
    with pytest.raises(Misuse, match=r"there are no \[\[services\]\]"):
        chosen([], [])


def test_what_starts_first_is_stopped_last():
    some = [Service(name=name, manager="systemd") for name in "ab"]

    assert [[each.name for each in in_order(some, verb)] for verb in ("start", "stop")] == [["a", "b"], ["b", "a"]]
