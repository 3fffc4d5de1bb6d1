"""Supplies that several of these tests share."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from fixtures.museum import furnished
from fixtures.readers import complete, execute
from fixtures.users_code import Trace
from rollproof.throwaway.servers import data_directory
from rollproof.throwaway.servers.binaries import everywhere
from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import fresh_name

# A machine that is busy is no fault of a test.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
SHOP = Path(__file__).parents[1] / "scenarios" / "cases" / "shop.sql"
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
    for programs in everywhere():
        if not programs.missing and major(programs.bindir) != server.version // 10_000:
            running = provide("embedded" if programs.kind == "embedded" else f"local:{programs.bindir}")
            yield running
            running.stop()
            return
    pytest.skip("only one major version of PostgreSQL is installed here")


def major(bindir):
    """Return the major version of a folder's programs."""
    said = subprocess.run([bindir / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    return int(re.search(r"\) (\d+)", said)[1])


@pytest.fixture(scope="session")
def wrong_clock():
    """Call it with a folder on PYTHONPATH: `-p wrong_clock` then lives as many seconds later as WRONG_BY says."""
    return lambda folder: (folder / "wrong_clock.py").write_text(WRONG_CLOCK)


@pytest.fixture
def trace(server):
    """What the server's log says of code that ran."""
    if server.log is None:
        pytest.skip("the server's log cannot be read from here")
    return Trace(server.log)


@pytest.fixture(scope="module")
def museum(server):
    """The name of a database with one of everything."""
    with furnished(server) as name:
        yield name


@pytest.fixture(scope="session")
def shop(server):
    """The URL of the cases' shop, as a superuser, for tests that write nothing there."""
    name = fresh_name()
    server.create(name)
    execute(server.dsn(name), SHOP.read_text("utf-8"))
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture(scope="session")
def honest(shop):
    """The snapshot that a baseline of the shop holds."""
    return complete(shop)


@pytest.fixture(scope="module")
def marker(tmp_path_factory):
    """Where a program that was run would leave a file; whoever runs the server may write there."""
    folder = tmp_path_factory.mktemp("marker")
    for each in (folder, *folder.parents[:3]):
        each.chmod(each.stat().st_mode | 0o755)
    folder.chmod(0o777)
    return folder / "ran"
