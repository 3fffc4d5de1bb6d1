"""Throw-away servers: nothing is left of them, however they end."""

import os
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from rollproof.throwaway.servers.provide import provide

SUITE = Path(__file__).parents[2]
PATHS = os.pathsep.join([str(SUITE), *filter(None, sys.path)])
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
HOLD = """
import sys, time
from rollproof.throwaway.servers.provide import provide
server = provide(sys.argv[1])
print(server.name, server.log, server.dsn("postgres"), sep="\\n", flush=True)
time.sleep(60)
"""
START = """
import os, pathlib
from rollproof.throwaway.servers import data_directory
from rollproof.throwaway.servers.provide import provide
data_directory.MEMORY = pathlib.Path(os.environ["IN"])
provide("embedded")
"""


def value(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def left_of(directory):
    """Whatever still exists or runs below a directory; a corpse that nobody collects does not run."""
    running = [
        " ".join(process.info["cmdline"])
        for process in psutil.process_iter(["cmdline", "status"])
        if str(directory) in " ".join(process.info["cmdline"] or ()) and process.info["status"] != "zombie"
    ]
    return [*running, *([str(directory)] if directory.exists() else [])]


def soon(nothing, *arguments):
    """What the function returns once it returns nothing, or after five seconds."""
    deadline = time.monotonic() + 5
    while (found := nothing(*arguments)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.fixture
def hold():
    """Start another program that holds a server; returns it, the server's name, directory and URL."""
    holders = []

    def start(where="embedded", *, python=sys.executable, environment=None, **popen):
        environment = {**os.environ, "PYTHONPATH": PATHS, **(environment or {})}
        holder = subprocess.Popen(
            [python, "-c", HOLD, where], stdout=subprocess.PIPE, text=True, env=environment, **popen
        )
        holders.append(holder)
        name, log, url = (holder.stdout.readline().strip() for _ in range(3))
        return holder, name, Path(log).parent.parent, url

    yield start
    for holder in holders:
        holder.kill()
        holder.communicate()


def test_stop_leaves_nothing_and_may_be_called_twice(memory):
    server = provide("embedded")
    (directory,) = memory.iterdir()

    server.stop()
    server.stop()

    assert left_of(directory) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_signal_leaves_nothing(hold, number):
    """To the whole process group, as the terminal and most supervisors send it."""
    holder, _, directory, url = hold(stderr=subprocess.DEVNULL, start_new_session=True)
    assert value(url, "SELECT 1") == 1

    os.killpg(holder.pid, number)
    holder.wait()

    assert soon(left_of, directory) == []


def test_a_kill_during_the_start_leaves_nothing(memory):
    environment = {**os.environ, "PYTHONPATH": PATHS, "IN": str(memory)}
    starting = subprocess.Popen([sys.executable, "-c", START], env=environment)
    assert not soon(lambda: not list(memory.glob("*/home/data/base")))
    (directory,) = memory.iterdir()

    starting.kill()
    starting.wait()

    assert soon(left_of, directory) == []


@as_root
def test_an_ordinary_user_gets_a_server_from_a_long_temporary_folder_and_an_unreadable_home(hold, open_folder):
    """The path is longer than a socket's may be."""
    python = next(filter(_same_python, (sys.executable, "/usr/bin/python3")), None)
    if python is None:
        pytest.skip("every Python of this version is in a folder closed to others")
    temporary = open_folder / ("t" * 120)
    temporary.mkdir()
    temporary.chmod(0o777)
    paths = os.pathsep.join([str(SUITE), sysconfig.get_path("purelib")])
    environment = {"HOME": "/root", "TMPDIR": str(temporary), "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}

    holder, name, directory, url = hold(
        python=python, environment=environment, user="nobody", group="nogroup", extra_groups=[], cwd="/"
    )
    assert name.startswith("embedded PostgreSQL")
    assert value(url, "SELECT 1") == 1
    assert directory.owner() == "nobody"
    holder.terminate()
    holder.wait()

    assert soon(left_of, directory) == []


def _same_python(python):
    asked = [python, "-c", "import sys; print(sys.version_info[:2])"]
    try:
        told = subprocess.run(asked, user="nobody", cwd="/", capture_output=True, text=True, check=False)
    except PermissionError:
        return False
    return told.stdout.strip() == str(sys.version_info[:2])
