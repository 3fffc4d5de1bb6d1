"""Child processes: their exit code and output are theirs, and none of them outlives us."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from rollproof.system.child_process import ChildProcess


@pytest.fixture
def started(tmp_path):
    """Call it with a shell script for the process that runs it, and the file that it writes to."""
    running = []

    def start(script):
        with (tmp_path / "out").open("wb") as out, (tmp_path / "trouble").open("wb") as trouble:
            running.append(ChildProcess(["/bin/sh", "-c", script], os.environ, out, trouble))
        return running[-1], tmp_path / "out"

    yield start
    for each in running:
        each.end(0)


def appears(path):
    end = time.monotonic() + 10
    while not path.read_text() and time.monotonic() < end:
        time.sleep(0.02)
    return path.read_text()


def test_its_exit_code_and_its_output_are_its_own(started, tmp_path):
    process, out = started("echo said; echo why >&2; exit 7")

    assert process.wait(10) == 7
    assert out.read_text() == "said\n"
    assert (tmp_path / "trouble").read_text() == "why\n"


def test_it_reads_nothing_of_ours(started):
    process, out = started("cat; echo end")

    assert process.wait(10) == 0
    assert out.read_text() == "end\n"


def test_nobody_waits_longer_than_allowed(started):
    process, _ = started("sleep 60")

    assert process.wait(0.05) is None
    assert process.wait(-1) is None


def test_it_is_asked_to_end_before_it_is_killed(started):
    process, out = started("trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.02; done")
    appears(out)

    process.end(10)

    assert out.read_text() == "ready\nasked\n"


def test_one_that_does_not_listen_is_killed(started):
    process, out = started("trap '' TERM; echo $$; while :; do sleep 0.02; done")
    number = int(appears(out))

    process.end(0.2)

    gone = [process for process in psutil.process_iter() if process.pid == number and process.status() != "zombie"]
    assert psutil.wait_procs(gone, 10)[1] == []


def test_when_we_are_killed_it_ends(tmp_path):
    program = (
        "import os, sys, time; from rollproof.system.child_process import ChildProcess\n"
        "out = open('out', 'wb')\n"
        "ChildProcess(['/bin/sh', '-c', 'echo $$; exec sleep 60'], os.environ, out, out); time.sleep(60)"
    )
    (tmp_path / "out").touch()
    ours = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path)
    number = int(appears(tmp_path / "out"))

    ours.kill()
    ours.wait()

    _, alive = psutil.wait_procs([psutil.Process(number)] if psutil.pid_exists(number) else [], 10)
    assert alive == []
