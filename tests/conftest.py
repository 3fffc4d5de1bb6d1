"""Supplies that several of these tests share."""

import shutil
import tempfile
from pathlib import Path

import pytest

from rollproof.rehearsal.servers import data_directory
from rollproof.rehearsal.servers.binaries import local
from rollproof.rehearsal.servers.provide import provide

# Python alone is told a wrong time: under libfaketime its sleeps never end.
WRONG_CLOCK = """
import datetime, os, sys, time
from types import SimpleNamespace

import pytest

BY = datetime.timedelta(seconds=int(os.environ["WRONG_BY"]))

class Like(type):
    def __instancecheck__(cls, thing):
        return isinstance(thing, datetime.datetime)

class Wrong(datetime.datetime, metaclass=Like):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.now(tz) + BY

@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    for name, module in [*sys.modules.items()]:
        if name.partition(".")[0] in ("rollproof", "fixtures", "reports"):
            if getattr(module, "datetime", None) is datetime:
                module.datetime = SimpleNamespace(**{**vars(datetime), "datetime": Wrong})
            if getattr(module, "time", None) is time:
                module.time = SimpleNamespace(**{**vars(time), "time": lambda: time.time() + BY.total_seconds()})
"""


@pytest.fixture
def open_folder():
    """A folder that every user may enter; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(dir=data_directory.MEMORY if data_directory.MEMORY.is_dir() else None))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def memory(monkeypatch, open_folder):
    """The folder in which servers of this test live, so that the test sees what is left."""
    monkeypatch.setattr(data_directory, "MEMORY", open_folder)
    open_folder.chmod(0o777)
    return open_folder


@pytest.fixture(scope="session")
def other_major(server):
    """A server of another major version than the suite's."""
    for programs in local():
        running = provide(f"local:{programs.bindir}") if not programs.missing else None
        if running and running.version // 10_000 != server.version // 10_000:
            yield running
            running.stop()
            return
        if running:
            running.stop()
    pytest.skip("only one major version of PostgreSQL is installed here")


@pytest.fixture(scope="session")
def wrong_clock():
    """Call it with a folder on PYTHONPATH: `-p wrong_clock` then lives as many seconds later as WRONG_BY says."""
    return lambda folder: (folder / "wrong_clock.py").write_text(WRONG_CLOCK)
