"""Supplies that several of these tests share."""

import shutil
import tempfile
from pathlib import Path

import pytest

from fixtures.providers import premises, provide
from fixtures.providers.binaries import local


@pytest.fixture
def open_folder():
    """A folder that every user may enter; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(dir=premises.MEMORY if premises.MEMORY.is_dir() else None))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def memory(monkeypatch, open_folder):
    """The folder in which servers of this test live, so that the test sees what is left."""
    monkeypatch.setattr(premises, "MEMORY", open_folder)
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
