"""Who does the work is named by a word; one that means nobody, or cannot be reached, is told in one sentence."""

import subprocess
import sys

import pytest

from fixtures.every import every
from rollproof.fleet import dask_workers
from rollproof.fleet.executors import stays_here, workers
from rollproof.model.errors import Inconclusive, Misuse


@every(
    ("word", "told"),
    [
        ("nobody", "there is no such executor; it is threads:N"),
        ("threads:0", "0 is no number of workers"),
        ("processes:many", "many is no number of workers"),
        ("no_such_module:make", "cannot be imported: ModuleNotFoundError"),
        ("json:nothing", "no function nothing"),
        ("os:getcwd", "gave a str, and no concurrent"),
        ("os:getcwd:0", "0 is no number of workers"),
        ("dask://nowhere", "write dask://HOST:PORT"),
        ("dask://me:pa55@host:1", "write dask://HOST:PORT"),
        ("dask://", "write dask://HOST:PORT"),
        ("dask://host:99999", "write dask://HOST:PORT"),
        ("dask://local:0", "0 is no number of workers"),
    ],
)
def test_a_word_that_means_nobody_is_told(word, told):
    with pytest.raises(Misuse, match=told) as refused:
        workers(word)
    assert "pa55" not in str(refused.value)


@every("host", ["scheduler.example", "10.0.0.7", "192.168.1.1", "[2001:db8::1]"])
def test_a_scheduler_elsewhere_is_reached_by_tls_or_not_at_all(host, monkeypatch):
    monkeypatch.setattr(dask_workers, "_SECONDS", 0.3)  # if ever it were
    with pytest.raises(Misuse, match=r"must be reached by TLS, with certificates: set tls\.ca-file"):
        workers(f"dask://{host}:8786")


@every("host", ["127.0.0.1", "localhost", "[::1]"])
def test_one_that_is_not_there_is_told(host, monkeypatch):
    monkeypatch.setattr(dask_workers, "_SECONDS", 0.3)

    with pytest.raises(Inconclusive, match=r"cannot be reached: .*is the scheduler running, and does it speak no TLS"):
        workers(f"dask://{host}:1")


_ELSEWHERE = """
import sys
from multiprocessing import spawn

from rollproof.fleet import executors

spawn.set_executable(sys.argv[1])
executors.START = 1.0
executors.workers("processes:1")
"""


@every("interpreter", ["/bin/false", "/bin/sleep", "/nowhere/python"])
def test_processes_that_cannot_be_started_are_told(interpreter):
    """They die, never speak, or cannot be begun at all: the pool would try for ever. In a process that nobody needs afterwards."""
    done = subprocess.run([sys.executable, "-c", _ELSEWHERE, interpreter], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "no process of" in done.stderr
    assert "answered within 1 s; may this user run" in done.stderr


def test_threads_are_eight_where_nobody_says_how_many():
    assert (workers("threads").at_once, workers("threads:3").at_once) == (8, 3)


def test_jobs_stay_here_with_threads_and_processes_of_ours_alone():
    assert all(map(stays_here, ["threads", "threads:8", "processes:2"]))
    assert not any(map(stays_here, ["dask://local:2", "threads_of_mine:make", "concurrent.futures:ThreadPoolExecutor"]))
