"""The pages for users say what happens: each command on them is run, and what they show is what is printed.

What is there already when a page begins, its file in tests/data/pages says (a script for psql).
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.pages import Reader, surroundings
from rollproof.throwaway.servers.provide import provide

ROOT = Path(__file__).parents[2]
TRIED = {  # page → how many of its blocks are run at least
    "README.md": 4,
    "docs/accept-a-difference.md": 10,
    "docs/after-a-rollback.md": 9,
    "docs/baseline.md": 1,
    "docs/command-line.md": 4,
    "docs/doors.md": 3,
    "docs/incident.md": 6,
    "docs/managed-services.md": 12,
    "docs/queries.md": 3,
    "docs/rehearse-any-migration.md": 2,
    "docs/rehearse-on-staging.md": 5,
    "docs/repair.md": 9,
    "docs/tutorial.md": 12,
    "docs/your-own-check.md": 11,
}
NO_SUPERUSER = {"docs/managed-services.md": "master"}  # page → as whom it is read
PSQL = ["psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname=postgres"]


@pytest.fixture
def reader(pytestconfig, tmp_path, program):
    """Call it with a page for somebody who reads it: with a server and a home of their own, psql, and every password."""
    where = pytestconfig.option.server or os.environ.get("ROLLPROOF_SERVER") or "auto"
    server = provide("auto" if "://" in where else where, {"autovacuum": "off"})  # it would take warnings away
    parts = conninfo_to_dict(server.dsn("postgres"))
    folder, home = tmp_path / "folder", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    (home / ".pgpass").write_text(f"*:*:*:{parts['user']}:{parts['password']}\n*:*:*:*:change-me\n")
    (home / ".pgpass").chmod(0o600)
    first = (program.parent, Path(sys.executable).parent, server.bindir)
    path = os.pathsep.join([*map(str, first), os.environ["PATH"]])
    who = {"HOME": str(home), "PGHOST": parts["host"], "PGPORT": parts["port"], "PGUSER": parts["user"], "PATH": path}

    def read(name):
        before = ROOT / f"tests/data/pages/{Path(name).stem}.sql"
        environment = surroundings(**who)
        if before.exists():
            subprocess.run([*PSQL, f"--file={before}"], env=environment, check=True)
        environment |= {"PGDATABASE": "shop", "PGUSER": NO_SUPERUSER.get(name, parts["user"])}
        there = {"db.example": f"{parts['host']}:{parts['port']}"}
        return Reader(ROOT / name, folder, environment, there).read()

    yield read
    server.stop()


@pytest.mark.parametrize("name", TRIED)
def test_a_page_says_what_happens(name, reader):
    assert reader(name) >= TRIED[name]
