"""`rollproof capture` takes what the phase before a migration takes, where a verification looks for it, and tells how far it is."""

import json
import os
import pty
import re
import subprocess
import sys

import psycopg
import pytest

from fixtures.readers import execute
from rollproof.plugin.options import SUITE

PLAN = '[[plans]]\nname = "all"\nsql = "SELECT 1"\n'
ENDPOINT = (
    '[[endpoints]]\nname = "health"\nurl = "http://127.0.0.1:1/health"\nheaders = { Authorization = "${NO_TOKEN}" }\n'
)


def facets(path):
    return json.loads(path.read_text())["snapshot"]["facets"]


@pytest.fixture
def filled(database):
    execute(database, "CREATE TABLE things (id integer PRIMARY KEY)")
    return database


def test_the_same_facts_are_recorded_by_the_command_and_by_the_phase(command, filled, tmp_path, httpserver):
    httpserver.expect_request("/health").respond_with_json({"status": "up"})
    told = f'[[endpoints]]\nname = "health"\nurl = "{httpserver.url_for("/health")}"\nrequired_keys = ["status"]\n'
    (tmp_path / "rollproof.toml").write_text(PLAN + told)

    done = command(tmp_path, "capture", "--database-url", filled)
    by_phase = command(tmp_path, "verify", "pre_migration", "--database-url", filled, "--reference", "other.json")

    assert done.returncode == by_phase.returncode == 0, done.output + by_phase.output
    assert "with the plans of all\nwith the answers of health\n" in done.stdout
    one, other = (facets(tmp_path / name) for name in ("baseline.json", "other.json"))
    assert one.keys() == other.keys()
    assert one["endpoint_answers"] == {"health": "status 200, application/json, keys status"}
    assert command(tmp_path, "verify", "--database-url", filled).returncode == 0


def test_an_endpoint_that_cannot_be_asked_is_refused_before_anybody_waits(command, tmp_path):
    (tmp_path / "rollproof.toml").write_text(ENDPOINT)

    done = command(tmp_path, "capture", "--database-url", "postgresql://127.0.0.1:1/nowhere")

    assert (done.returncode, "wants ${NO_TOKEN}" in done.stderr) == (4, True)


def test_a_baseline_that_is_there_is_kept_and_what_is_none_is_not_replaced(command, filled, tmp_path):
    where = ("capture", "--database-url", filled)
    command(tmp_path, *where)
    first = (tmp_path / "baseline.json").read_bytes()
    again = command(tmp_path, *where)
    kept = re.search(r"the baseline that was there is kept: (\S+)", again.stdout)
    (tmp_path / "letter.txt").write_text("Dear all")

    refused = command(tmp_path, *where, "--output", "letter.txt")

    assert (tmp_path / kept[1]).read_bytes() == first != (tmp_path / "baseline.json").read_bytes()
    assert (refused.returncode, (tmp_path / "letter.txt").read_text()) == (4, "Dear all")
    assert "something else is: move it away" in refused.stderr


def test_it_is_written_where_a_verification_looks_for_it(command, filled, tmp_path):
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "rollproof.toml").write_text('reference = "kept/shop.json"')
    (tmp_path / "ops" / "kept").mkdir()
    there = {"ROLLPROOF_CONFIG": "ops/rollproof.toml", "ROLLPROOF_DATABASE_URL": filled}

    ended = [
        command(tmp_path, word, environment=there).returncode for word in ("capture", "doctor", "verify", "repair")
    ]

    assert ended == [0, 0, 0, 0]
    assert (tmp_path / "ops" / "kept" / "shop.json").exists()


def test_a_person_at_a_terminal_sees_how_far_it_is(filled, tmp_path):
    execute(
        filled, "INSERT INTO things SELECT generate_series(1, 100000)", "CREATE TABLE locked AS TABLE things", "ANALYZE"
    )
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "rollproof", "capture", "--database-url", filled, "--lock-timeout", "60"]
    with psycopg.connect(filled) as other:
        other.execute("LOCK TABLE locked")
        environment = {**os.environ, "PYTHONPATH": str(SUITE)}
        running = subprocess.Popen(
            words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=theirs, text=True
        )
        os.close(theirs)
        shown = ""
        while "of 0.01 GB read" not in shown:
            shown += os.read(ours, 4096).decode()
    told, _ = running.communicate(timeout=60)

    assert running.returncode == 0
    assert "baseline.json: 2 tables" in told
    assert "\n" not in shown
    os.close(ours)
