"""What stands on each other, has rows, owners, grants and comments, is changed, and repaired by a plan made of the facts alone.

The cases are data (tests/data/repairs), tried one after another in transactions that are taken back. `left` are the facts that the
script says it leaves; `stops` is what it says where rows forbid it to begin. By day each ninth is tried; ROLLPROOF_REPAIRS=all
tries all.
"""

import os
import tomllib
from pathlib import Path

import psycopg
import pytest

from fixtures.repaired import Tried, side, tried
from rollproof.throwaway.servers.server import fresh_name

DATA = Path(__file__).parents[1] / "data"
CASES = {
    path.stem: tomllib.loads(path.read_text("utf-8"))["repair"] for path in sorted((DATA / "repairs").glob("*.toml"))
}
EVERY = 1 if os.environ.get("ROLLPROOF_REPAIRS") == "all" else 9


@pytest.fixture(scope="module")
def connection(server):
    """A superuser's session on the base database, with the roles, which belong to the whole server."""
    name = fresh_name()
    server.create(name)
    try:
        with psycopg.connect(server.dsn(name), autocommit=True) as connection:
            connection.execute((DATA / "mutations" / "base.sql").read_text("utf-8"))
            yield connection
    finally:
        server.drop(name)


@pytest.fixture
def with_roles(connection):
    """The same, in a transaction with two roles."""
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE ROLE rollproof_tester; CREATE ROLE rollproof_boss SUPERUSER")
        yield connection


def trouble(connection, base, case):
    """Return what is not as the case says; None if all is."""
    found = tried(connection, base, case)
    if case.get("stops"):
        return None if case["stops"] in found.stopped else found
    expected = Tried(left=tuple(case.get("left", ())))
    return None if found == expected else found


@pytest.mark.parametrize("kind", CASES)
def test_what_was_changed_is_as_it_was(kind, with_roles):
    base = side(with_roles)
    found = {case["name"]: trouble(with_roles, base, case) for case in CASES[kind][::EVERY]}

    assert {name: why for name, why in found.items() if why} == {}


def test_a_repair_that_leaves_something_or_is_refused_is_noticed(with_roles, monkeypatch):
    base = side(with_roles)
    case = {"name": "a view is other", "change": "CREATE OR REPLACE VIEW active AS SELECT id, email FROM users"}
    assert trouble(with_roles, base, case) is None

    monkeypatch.setattr("fixtures.repaired._run", lambda *_: "")
    assert trouble(with_roles, base, case) == Tried(
        left=("views: public.active",), unexplained=("views: public.active",)
    )
    monkeypatch.setattr("fixtures.repaired._run", lambda *_: "no")
    assert trouble(with_roles, base, case) == Tried(stopped="no")
