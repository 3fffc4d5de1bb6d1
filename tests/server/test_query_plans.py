"""What a question costs grows with the catalogue, not with its square, also when nobody analysed it.

After a rollback that made thousands of tables anew, nobody has analysed the catalogue, and the planner believes that there is
one row where there are thousands.
"""

import re
import secrets
from pathlib import Path

import psycopg
import pytest
from psycopg import RawCursor

from rollproof.catalog.capture import rows_of
from rollproof.catalog.queries import queries
from rollproof.server.transactions import Limits, pinned

MUSEUM = Path(__file__).parents[1] / "data" / "plans.sql"
TIMES = 2
"""How often a step of a plan may visit as many rows as the catalogues hold that the question reads."""
FEW = 1000
"""Rows that are too few to matter."""


@pytest.fixture(scope="module")
def connection(server):
    """A session on a database with two thousand objects of all kinds, which nobody analysed."""
    name = f"rollproof_{secrets.token_hex(8)}"
    server.create(name)
    try:
        with psycopg.connect(server.dsn(name), autocommit=True, cursor_factory=RawCursor) as connection:
            connection.execute(MUSEUM.read_text("utf-8"))
            made = "SELECT count(DISTINCT (classid, objid)) FROM pg_depend WHERE objid >= 16384"
            assert connection.execute(made).fetchone()[0] > 2000
            yield connection
    finally:
        server.drop(name)


def steps(plan):
    """Return a plan's node and all below it."""
    yield plan
    for part in plan.get("Plans", []):
        yield from steps(part)


def visited(step):
    """Return how many rows a node looked at, in all its turns; a turn that finds nothing counts too."""
    seen = sum(step.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Join Filter", "Index Recheck"))
    return step["Actual Loops"] * (1 + step["Actual Rows"] + seen)


def size(connection, plan):
    """Return how many rows the catalogues hold that a plan reads."""
    read = {step["Relation Name"] for step in steps(plan) if "Relation Name" in step}
    counted = (f"SELECT count(*) FROM pg_catalog.{name}" for name in read)
    return sum(connection.execute(query.encode()).fetchone()[0] for query in counted)


def quadratic(connection):
    """Return the queries with a step that visits more than it may, facet → the worst one."""
    found = {}
    for facet, sql in queries(connection.info.server_version).items():
        values = {"$1": ["public", "app"], "$2": 0, "$3": 100}
        asked = sorted(set(re.findall(r"\$\d", re.sub("--.*", "", sql))))
        with pinned(connection, Limits(statement_timeout=20)):
            explained = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}"
            plan = rows_of(connection, explained, tuple(values[name] for name in asked))[0][0][0]["Plan"]
        worst = max(steps(plan), key=visited)
        if visited(worst) > TIMES * size(connection, plan) + FEW:
            found[facet] = (
                f"{worst['Node Type']} {worst.get('Relation Name', '')} in {worst['Actual Loops']} turns: {visited(worst)} rows"
            )
    return found


def test_no_question_reads_one_catalogue_anew_for_each_row_of_another(connection):
    assert quadratic(connection) == {}


def test_nor_when_the_catalogue_is_analysed(connection):
    connection.execute("ANALYZE")

    assert quadratic(connection) == {}
