"""The projects of others are data here: they are run in their own environment."""

import os

import psycopg
import pytest

from fixtures.environments import kept, told

collect_ignore = ["projects"]

LEDGER = """
CREATE TABLE accounts (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE entries (id integer PRIMARY KEY, account integer REFERENCES accounts, total numeric(10, 2));
CREATE INDEX entries_account ON entries (account);
INSERT INTO accounts SELECT n, 'name ' || n FROM generate_series(1, 5) AS n;
INSERT INTO entries SELECT n, n % 5 + 1, n FROM generate_series(1, 20) AS n;
ANALYZE;
"""


@pytest.fixture(scope="session")
def ledger(server, tmp_path_factory, plain):
    """A database that lost an index after its baseline was taken, and that baseline."""
    name = "rollproof_ledger_" + os.urandom(4).hex()
    server.create(name)
    folder = tmp_path_factory.mktemp("ledger")
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(LEDGER)
        words = ("capture", "--database-url", server.dsn(name), "--output", folder / "baseline.json")
        assert plain(folder, *words, program="rollproof").returncode == 0
        connection.execute("DROP INDEX entries_account")
    yield server.dsn(name), folder / "baseline.json"
    server.drop(name)


@pytest.fixture(scope="session")
def came_to(ledger, plain, tmp_path_factory):
    """Call it with a phase for what `rollproof verify` comes to in a folder where there is nothing else."""
    known = {}

    def run(phase):
        if phase not in known:
            folder = tmp_path_factory.mktemp(phase)
            url, baseline = ledger
            words = (phase, "--database-url", url, "--reference", kept(baseline, phase, folder / "kept"))
            ended = plain(folder, "verify", *words, program="rollproof")
            known[phase] = told(ended, folder / "rollproof-report")
        return known[phase]

    return run
