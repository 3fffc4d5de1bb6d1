"""Where pg_dump cannot be run, a baseline is complete and a verdict stands, and both say so."""

import msgspec
import psycopg
import pytest

from fixtures.readers import SCOPE, reader
from rollproof.sources.baseline import load, save
from rollproof.sources.live import Live


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"facets": {}, "absent": {"pg_dump": "none was at hand"}},
            "pg_dump said nothing about baseline.json: none was at hand",
        ),
        (
            {"facets": {"pg_dump": {"this (pg_dump)": "written by pg_dump 13 of PostgreSQL 13"}}, "absent": {}},
            "written by pg_dump 13",
        ),
    ],
)
def test_without_a_witness_the_verdict_stands_and_says_so(command, database, tmp_path, change, says):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t ()")
    view = reader(database)
    try:
        complete = Live(view, SCOPE, "it").complete()
    finally:
        view.close()
    facets = {facet: facts for facet, facts in complete.facets.items() if facet != "pg_dump"} | change["facets"]
    save(msgspec.structs.replace(complete, facets=facets, absent=change["absent"]), tmp_path / "baseline.json")

    done = command(tmp_path, "verify", "-v", "-m", "post_rollback and structure", "--database-url", database)

    assert done.returncode == 0, done.stdout
    assert says in done.said


def test_a_baseline_is_complete_without_a_witness_and_says_so(command, database, tmp_path):
    with psycopg.connect(database) as other:
        other.execute("CREATE TABLE t ()")
        other.commit()
        other.execute("LOCK TABLE t")
        done = command(tmp_path, "capture", "--database-url", database, "--lock-timeout", "0.2", "--partial")

    assert done.returncode == 0, done.stderr
    assert "without pg_dump, which will not be checked: " in done.stdout
    assert "pg_dump" not in load(tmp_path / "baseline.json").unknown
