"""A client whose clock is wrong: what ends when, how old something is and what came first, the server's clock decides."""

import json
from datetime import timedelta

import psycopg
import pytest

CONFIGURATION = """
[[waiver]]
check = "columns"
identity = "public.t.word"
reason = "kept on purpose"
until = {until}
"""


@pytest.fixture(scope="module")
def ground(command, server, tmp_path_factory, wrong_clock):
    """A database that differs from its baseline in a column, which a waiver may accept; its URL, folder and today's date there."""
    folder = tmp_path_factory.mktemp("clock")
    wrong_clock(folder)
    name = "rollproof_wrong_clock"
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY, word varchar(9)); INSERT INTO t VALUES (1, 'a')")
        captured = command(folder, "capture", "--database-url", server.dsn(name))
        assert captured.returncode == 0, captured.stderr
        connection.execute("ALTER TABLE t ALTER word TYPE varchar(99)")
        (today,) = connection.execute("SELECT (now() AT TIME ZONE 'UTC')::date").fetchone()
    yield folder, server.dsn(name), today
    server.drop(name)


@pytest.mark.promise
@pytest.mark.parametrize(
    ("wrong_by", "last_day", "code"),
    [(3 * 86_400, 0, 0), (-10 * 365 * 86_400, -1, 1)],
    ids=["three days ahead", "ten years behind"],
)
def test_a_wrong_clock_of_the_client_changes_no_verdict(command, ground, wrong_by, last_day, code):
    """A waiver that ends today is alive, one that ended yesterday is dead; the run takes as long as it takes."""
    folder, url, today = ground
    (folder / "rollproof.toml").write_text(CONFIGURATION.format(until=today + timedelta(days=last_day)))
    chosen = "test_columns or test_rows or test_content or test_baseline_age"
    typed = ("--database-url", url, "--max-baseline-age", "1", "-k", chosen, "-p", "wrong_clock")
    run = command(folder, "verify", *typed, environment={"WRONG_BY": str(wrong_by), "PYTHONPATH": str(folder)})

    assert run.returncode == code, run.stdout
    told = json.loads((folder / "rollproof-report" / "result.json").read_text("utf-8"))
    assert 0 <= told["seconds"] < 600
    assert [o["check"] for o in told["outcomes"] if o["kind"] == "not restored"] == ["columns"] * code
    assert "LATER" not in run.stdout
