"""What a process does when it is told to end: at once at the second signal, and never not at all."""

import os
import signal
import sys
import threading
import time
from contextlib import suppress

import pytest

from rollproof.system import signals as ending
from rollproof.system.signals import Signals, Terminated

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")  # the children touch no thread


def child(work):
    """Do it in a process of its own; returns it, once it is at work."""
    ready = os.pipe()
    number = os.fork()
    if not number:
        with suppress(BaseException):
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup's children ignore it, and we keep to that
            ending = Signals()
            ending.install(stays=True)
            ending.insists = True
            work(ending, lambda: os.write(ready[1], b"x"))
            os._exit(0)
        os._exit(1)
    os.read(ready[0], 1)
    for descriptor in ready:
        os.close(descriptor)
    return number


def exit_code(number):
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def test_a_second_signal_ends_at_once_and_an_echo_is_none(tmp_path):
    """Terminals and wrappers pass on what the process got already; a person takes longer than that."""
    scrap = tmp_path / ".half"

    def work(ending, ready):
        scrap.write_text("half")
        ending.unfinished.add(scrap)
        ready()
        end = time.monotonic() + 60
        while time.monotonic() < end:
            time.sleep(0.05)

    running = child(work)
    for _ in range(3):
        os.kill(running, signal.SIGINT)
        time.sleep(0.1)
    time.sleep(ending.ECHO + 0.3)
    assert os.waitpid(running, os.WNOHANG) == (0, 0)
    os.kill(running, signal.SIGTERM)

    assert exit_code(running) == 130, "by the first"
    assert not scrap.exists()


class KillsItself:
    """Python loses what is raised while this is finalised."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.1)


@pytest.fixture
def impatient(monkeypatch):
    """What is lost is raised again soon, and nothing is waited for long."""
    monkeypatch.setattr(ending, "LOST", 0.3)
    monkeypatch.setattr(ending, "LAST", 0.8)


@pytest.mark.promise
@pytest.mark.usefixtures("impatient")
def test_what_loses_the_signal_is_told_again():
    def work(ending, ready):
        sys.unraisablehook = lambda _: ready()
        try:
            with ending.interrupting():
                KillsItself()
                threading.Event().wait(60)
        except Terminated:
            os._exit(7)

    assert exit_code(child(work)) == 7


@pytest.mark.promise
@pytest.mark.usefixtures("impatient")
def test_what_waits_for_ever_ends_all_the_same(tmp_path):
    """A thread, a lock, a dead server may never answer; the last words are said."""

    def work(ending, ready):
        ending.last_words = lambda: (tmp_path / "said").write_text("all")
        lock = threading.Lock()
        lock.acquire()
        ready()
        with ending.waiting():
            lock.acquire()

    running = child(work)
    time.sleep(
        0.3
    )  # a signal that comes before the lock is waited for is seen when the next one comes: Python's own gap
    os.kill(running, signal.SIGHUP)

    assert exit_code(running) == 129
    assert (tmp_path / "said").read_text() == "all"


def test_a_program_that_runs_pytest_inside_itself_goes_on(monkeypatch):
    """Its signals are its own again, and the next run is not ended for the first one's signal."""
    monkeypatch.setattr(ending, "LOST", 0.1)
    monkeypatch.setattr(ending, "LAST", 0.4)

    def work(ending, ready):
        ending.over()
        signal.signal(signal.SIGTERM, lambda *_: os._exit(9))
        ending.install(stays=False)
        os.kill(os.getpid(), signal.SIGTERM)
        ending.over()
        ending.install(stays=False)
        ready()
        time.sleep(1)
        ending.over()
        os.kill(os.getpid(), signal.SIGTERM)

    assert exit_code(child(work)) == 9


def test_a_signal_that_is_ignored_stays_so():
    """As nohup and a shell's background jobs want it."""

    def work(ending, ready):
        ending.over()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        ending.install(stays=True)
        os.kill(os.getpid(), signal.SIGHUP)
        ready()
        os._exit(5 + ending.number)

    assert exit_code(child(work)) == 5
