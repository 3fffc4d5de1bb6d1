"""The pages for users say what happens: each command on them is run, and what they show is what is printed."""

import os
import sys
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.pages import Reader, surroundings
from rollproof.rehearsal.servers.provide import provide

DOCS = Path(__file__).parents[2] / "docs"
TRIED = {
    "tutorial.md": 12,
}  # page → how many blocks are run at least


@pytest.fixture
def reader(pytestconfig, tmp_path):
    """Call it with a page for somebody who reads it: with a server of their own, and psql."""
    where = pytestconfig.option.server or os.environ.get("ROLLPROOF_SERVER") or "auto"
    server = provide("auto" if "://" in where else where)
    parts = conninfo_to_dict(server.dsn("postgres"))
    folder, home = tmp_path / "folder", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    (home / ".pgpass").write_text(f"*:*:*:{parts['user']}:{parts['password']}\n*:*:*:*:change-me\n")
    (home / ".pgpass").chmod(0o600)
    environment = surroundings(
        HOME=str(home), PGHOST=parts["host"], PGPORT=parts["port"], PGUSER=parts["user"], PGDATABASE="shop"
    )
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), str(server.bindir), environment["PATH"]])
    yield lambda page: Reader(page, folder, environment, {"db.example": f"{parts['host']}:{parts['port']}"})
    server.stop()


@pytest.mark.parametrize("name", TRIED)
def test_a_page_says_what_happens(name, reader):
    assert reader(DOCS / name).read() >= TRIED[name]
