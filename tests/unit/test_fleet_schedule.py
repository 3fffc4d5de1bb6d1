"""No target without an answer, whatever becomes of the workers; and of those that may heal another try."""

import os
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from fixtures.every import every
from rollproof.fleet import schedule
from rollproof.fleet.course import carry_out
from rollproof.fleet.executors import Workers, workers
from rollproof.fleet.job import Answer, Job, encoded
from rollproof.fleet.schedule import Limits, Schedule
from rollproof.fleet.target import FleetTarget
from rollproof.model.errors import Misuse
from rollproof.settings.options import Settings
from rollproof.verdict.fleet.target_outcome import TargetOutcome

AWAY = "postgresql://nobody@127.0.0.1:1/d"
BARE = "host=127.0.0.1 port=1 dbname=d sslmode=bogus"  # which no second try mends


def content(target, **more):
    settings = Settings(database_url=target.url)
    return encoded(Job(name=target.name, server=target.server, action="capture", settings=settings, **more))


def ended_of(who, urls, limits=Limits(retries=0, pause=0.001), make=content):  # noqa: B008 (it is frozen)
    """Return the answers by name, with how many were at work at the same time, at most."""
    targets = [FleetTarget(f"t{place}", url, server=f"s{place % 2}") for place, url in enumerate(urls)]
    found, busy = {}, [0]

    def ended(target, answer):
        assert target.name not in found
        found[target.name] = answer.outcome

    def look(at_work):
        busy[0] = max(busy[0], at_work)

    carry_out(Schedule(who, limits, make, ended, look), targets)
    assert found.keys() == {each.name for each in targets}
    return found, busy[0]


class Silent(Executor):
    """Takes jobs, and answers none."""

    def submit(self, *_):
        return Future()


class Fragile(Executor):
    """Breaks with every `nth` job, and all that it has with it, as a pool of processes does."""

    taken = 0
    made = 0

    def __init__(self, nth):
        Fragile.made += 1
        self.nth, self.is_broken, self.pool = nth, False, ThreadPoolExecutor(2)

    def submit(self, call, *args):
        Fragile.taken += 1
        if self.is_broken or Fragile.taken % self.nth == 0:
            self.is_broken = True
            raise BrokenExecutor("a process in the process pool was terminated abruptly")
        return self.pool.submit(call, *args)

    def shutdown(self, **how):
        self.pool.shutdown(**how)


@pytest.fixture
def fragile():
    Fragile.taken = Fragile.made = 0
    return lambda nth: Workers("mine:make", lambda: Fragile(nth), 4)


def test_each_has_one_answer_and_no_more_are_at_work_than_may_be():
    found, busy = ended_of(workers("threads:3"), [AWAY] * 12, Limits(per_server=1, retries=0))

    assert {each.verdict for each in found.values()} == {"INCONCLUSIVE"}
    assert busy <= 2  # two servers, one each


def test_what_may_heal_is_tried_again_and_nothing_else():
    found, _ = ended_of(workers("threads:3"), [AWAY, BARE], Limits(retries=2, pause=0.001))

    assert [found[name].attempts for name in ("t0", "t1")] == [3, 1]


def test_an_executor_that_breaks_now_and_then_is_made_anew_and_loses_nobody(fragile):
    found, _ = ended_of(fragile(5), [AWAY] * 10)

    assert all("Connection refused" in each.sentence for each in found.values())
    assert Fragile.made > 1


def test_an_executor_that_always_breaks_leaves_each_inconclusive_with_the_reason(fragile):
    found, _ = ended_of(fragile(1), [AWAY] * 10)

    assert {each.verdict for each in found.values()} == {"INCONCLUSIVE"}
    assert all("was terminated abruptly" in each.sentence for each in found.values())
    assert Fragile.made < 10


def test_a_job_that_ends_its_workers_is_given_up_and_the_others_go_on():
    class Poisoned(ThreadPoolExecutor):
        def submit(self, call, job):
            return super().submit(exit_if_first, call, job)

    found, _ = ended_of(Workers("mine:make", lambda: Poisoned(2), 2), [AWAY] * 4)

    assert "its worker was lost 3 times; the last time: MemoryError" in found["t0"].sentence
    assert found["t0"].attempts == 3
    assert all("Connection refused" in found[name].sentence for name in ("t1", "t2", "t3"))


def exit_if_first(call, job):
    if b'"t0"' in job:
        raise MemoryError
    return call(job)


def test_a_worker_that_never_answers_is_given_up_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr(schedule, "GRACE", 0.1)
    monkeypatch.setattr(schedule, "_LOOK", 0.05)

    found, busy = ended_of(Workers("mine:Silent", Silent, 2), [AWAY] * 4, Limits(seconds=0.1))

    assert busy == 2
    assert all("no answer from its worker for 0 s" in each.sentence for each in found.values())


def test_a_job_that_cannot_be_made_is_that_targets_misuse():
    def make(target):
        if target.name == "t1":
            raise Misuse("its baseline is gone")
        return content(target)

    found, _ = ended_of(workers("threads:2"), [AWAY] * 3, make=make)

    assert (found["t1"].verdict, found["t1"].sentence) == ("MISUSE", "its baseline is gone")
    assert found["t2"].verdict == "INCONCLUSIVE"


def test_workers_of_another_version_end_it_at_once():
    with pytest.raises(Misuse, match=r"a worker has rollproof .* and this is 0\.0\.1: install the same version"):
        ended_of(workers("threads:2"), [AWAY] * 3, make=lambda target: content(target, version="0.0.1"))


def dies_if_first(call, job):
    if b'"t0"' in job:
        os._exit(1)
    return call(job)


class Pool(ProcessPoolExecutor):
    """Processes of Python's own: one that ends breaks all, and with it every job that was at work."""

    def submit(self, call, job):
        return super().submit(dies_if_first, call, job)


def test_a_job_that_ends_its_process_takes_no_other_with_it():
    forked = get_context("forkserver")
    forked.set_forkserver_preload(["rollproof.fleet.work"])
    pool = Workers("mine:Pool", lambda: Pool(3, mp_context=forked), 3)

    found, _ = ended_of(pool, [AWAY] * 6, Limits(retries=0, pause=0.1))

    assert "its worker was lost 3 times" in found["t0"].sentence
    assert all("Connection refused" in found[f"t{place}"].sentence for place in range(1, 6))


class Liar(Executor):
    """Does each job, and answers something else."""

    def __init__(self, lie):
        self.lie, self.first = lie, None

    def submit(self, call, job):
        made = Future()
        self.first = self.first or call(job)
        try:
            made.set_result(self.lie(self.first, job))
        except SystemExit as error:
            made.set_exception(error)
        return made


def leaves(*_):
    raise SystemExit(0)


@every(
    ("lie", "told"),
    [
        (lambda first, _: first, "the executor gave the answer to another job"),
        (lambda first, _: first[:-9], "DecodeError"),
        (lambda *_: b"\xff\x00", "DecodeError"),
        (lambda *_: None, "TypeError"),
        (lambda *_: encoded(Answer(TargetOutcome("t1", "s1", "VERIFIED", 0, "good"))), "the answer to another job"),
        (leaves, "SystemExit: 0"),
    ],
)
def test_what_is_no_answer_to_its_job_is_no_verdict(lie, told):
    found, _ = ended_of(Workers("mine:Liar", lambda: Liar(lie), 1), [BARE] * 3)

    last = found["t2"]
    assert (last.verdict, last.attempts) == ("INCONCLUSIVE", 3)
    assert told in last.sentence


class Nobody(Executor):
    """Gives no future for a job."""

    def submit(self, *_):
        return None


def test_an_executor_that_gives_no_future_takes_no_job():
    found, _ = ended_of(Workers("mine:Nobody", Nobody, 2), [BARE] * 3)

    assert all("mine:Nobody takes no jobs" in each.sentence for each in found.values())
