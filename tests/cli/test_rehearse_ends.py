"""However a rehearsal ends, nothing of it is left: no process of the tool's, no server, no directory."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from rollproof.throwaway.servers.data_directory import MEMORY

BY_NIGHT = pytest.mark.skipif(not os.environ.get("ROLLPROOF_NIGHT"), reason="by night, or with ROLLPROOF_NIGHT=1")

LONGEST = 90  # seconds until the migration must have begun
WAITS = "echo > begun; (setsid sleep 779{0} &) ; trap '' TERM; sleep 779{0}; sleep 779{0}"


def begun(folder, tmp, mark, *words):
    """Begin a rehearsal whose migration sleeps; return it once it does."""
    command = [
        sys.executable,
        "-m",
        "rollproof",
        "rehearse",
        "--migrate",
        WAITS.format(mark),
        "--rollback",
        "true",
        *words,
    ]
    running = subprocess.Popen(
        command, cwd=folder, env={**os.environ, "TMPDIR": str(tmp)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    deadline = time.monotonic() + LONGEST
    while not (folder / "begun").exists():
        assert running.poll() is None, running.communicate()[0].decode()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return running


def left(pid, tmp, mark):
    """Return what is left: processes by what they were started with, and directories."""
    signs = f"779{mark}", f"rollproof-server-{pid}-"
    known = [" ".join(each.info["cmdline"] or []) for each in psutil.process_iter(["cmdline"])]
    directories = [*MEMORY.glob(f"rollproof-server-{pid}-*"), *tmp.iterdir()]
    return [each for each in known if any(sign in each for sign in signs)] + directories


@pytest.mark.promise
@pytest.mark.parametrize("number", ["SIGTERM", "SIGKILL"])
def test_nothing_is_left_of_a_rehearsal_that_is_ended(number, open_folder, tmp_path):
    mark = f"{time.time_ns()}"
    running = begun(open_folder, tmp_path, mark)
    running.send_signal(getattr(signal, number))
    said = running.communicate(timeout=LONGEST)[0].decode()
    deadline = time.monotonic() + (5 if number != "SIGKILL" else 15)  # what is to be killed is not gone at once
    while left(running.pid, tmp_path, mark) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert left(running.pid, tmp_path, mark) == []
    assert running.returncode == {"SIGTERM": 143, "SIGKILL": -9}[number]
    assert "Traceback" not in said


@BY_NIGHT
@pytest.mark.skipif(not shutil.which("psql"), reason="psql is the tool of this rehearsal")
def test_a_server_that_is_kept_runs_on_until_it_is_ended_as_told(open_folder):
    command = ["--migrate", "psql -qc 'CREATE TABLE made ()'", "--rollback", "psql -qc 'DROP TABLE made'", "--keep"]
    done = subprocess.run(
        [sys.executable, "-m", "rollproof", "rehearse", *command],
        cwd=open_folder,
        capture_output=True,
        text=True,
        check=False,
    )
    told = next(line for line in done.stderr.splitlines() if " runs on; " in line)
    url, end = told.removeprefix("rollproof: ").split(" runs on; to end it: ")
    directory = Path(end.rpartition(" ")[2])
    asked = subprocess.run(
        [shutil.which("psql"), "-Atc", "SELECT 1", url.strip("'")], capture_output=True, text=True, check=False
    )
    ended = subprocess.run(["/bin/sh", "-c", end], check=False)

    assert (asked.stdout, asked.stderr) == ("1\n", "")
    assert "password=" not in done.stdout + done.stderr
    assert (ended.returncode, directory.exists()) == (0, False)
    assert not [each for each in psutil.process_iter(["cmdline"]) if str(directory) in str(each.info["cmdline"])]
