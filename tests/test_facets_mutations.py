"""One change, and exactly the facts that must notice it: the mutations lie in mutations/, as data.

Everything happens in one transaction that is rolled back; what cannot be done inside one is in test_facets_outside.py.
"""

import re
import secrets
import tomllib
from pathlib import Path

import psycopg
import pytest
from psycopg import RawCursor

from rollproof.questions import questions

MUTATIONS = Path(__file__).with_name("mutations")
CASES = {
    f"{path.stem}: {case['name']}": case
    for path in sorted(MUTATIONS.glob("*.toml"))
    for case in tomllib.loads(path.read_text("utf-8"))["mutation"]
}
NOT_FOR_COMPARING = {"sequence_positions", "planner_statistics", "foreign_keys", "sequence_columns"}
OF_THE_WHOLE_SERVER = {"roles", "tablespaces", "replication"}  # where others may be at work
ON_REQUEST = NOT_FOR_COMPARING | OF_THE_WHOLE_SERVER


@pytest.fixture(scope="module")
def connection(server):
    """A superuser's session on the base database, in a transaction that also made the roles."""
    name = f"rollproof_{secrets.token_hex(8)}"
    server.create(name)
    try:
        with psycopg.connect(server.dsn(name)) as connection:
            connection.execute((MUTATIONS / "base.sql").read_text("utf-8"))
            connection.commit()
            connection.execute("CREATE ROLE rollproof_tester; CREATE ROLE rollproof_boss SUPERUSER")
            yield connection
            connection.rollback()
    finally:
        server.drop(name)


@pytest.fixture(scope="module")
def base(connection):
    """What is known of the base database."""
    return facts(connection)


@pytest.fixture
def attempt(connection):
    """A part of the transaction that is taken back after the test."""
    connection.execute("SAVEPOINT attempt")
    yield connection
    connection.execute("ROLLBACK TO SAVEPOINT attempt")


def facts(connection):
    """Return every fact, (facet, identity) → description, and hold the questions to their contract."""
    connection.execute("SET LOCAL search_path = ''")
    schemas = [
        name
        for (name,) in connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'"
        )
    ]
    known = {}
    for facet, sql in questions(connection.info.server_version).items():
        parameters = re.findall(r"\$\d", re.sub("--.*", "", sql))
        given = [value for name, value in (("$1", schemas), ("$2", 0), ("$3", 10_000)) if name in parameters]
        rows = RawCursor(connection).execute(sql, given, prepare=True).fetchall()
        assert all(isinstance(text, str) for row in rows for text in row), f"{facet}: identity and description are text"
        assert len({identity for identity, _ in rows}) == len(rows), f"{facet}: an identity occurs once"
        known |= {(facet, identity): description for identity, description in rows}
    connection.execute("SET LOCAL search_path TO DEFAULT")
    return known


def differing(before, after, expected):
    """Return the facts that differ, `facet: identity`; of some facets only what is expected of them."""
    names = {f"{facet}: {identity}" for facet, identity in before.keys() | after.keys()
             if before.get((facet, identity)) != after.get((facet, identity))}  # fmt: skip
    asked = [re.compile(re.escape(name).replace(r"\*", ".*") + r"\Z") for name in expected]
    return {
        next((expected[i] for i, pattern in enumerate(asked) if pattern.match(name)), name)
        for name in names
        if name.partition(":")[0] not in ON_REQUEST or any(pattern.match(name) for pattern in asked)
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_change_differs_in_exactly_these_facts(attempt, base, case):
    """A harmless change differs in none; an entry that ends in a star means all facts that begin so."""
    if attempt.info.server_version < case.get("since", 0) * 10_000:
        pytest.skip(f"PostgreSQL {case['since']} brought it")
    extension = case.get("extension", "plpgsql")
    if not attempt.execute("SELECT 1 FROM pg_available_extensions WHERE name = %s", (extension,)).fetchone():
        pytest.skip(f"this server has no {extension}")
    before = base
    if "setup" in case:
        attempt.execute(case["setup"])
        before = facts(attempt)

    attempt.execute(case["change"])

    assert sorted(differing(before, facts(attempt), case["differs"])) == sorted(case["differs"])


def test_each_planted_fault_is_noticed_somewhere():
    assert [name for name, case in CASES.items() if not case["differs"] and not name.startswith("harmless")] == []
