"""What a user finds after `rollproof rehearse`: reports of every kind, the record of the drill, and nothing that is secret."""

import json
import re
import shlex
import shutil
import sys
from urllib.parse import urlsplit

import jsonschema
import pytest

from fixtures.runner_commands import obeyed
from fixtures.sample_runbook import saying
from rollproof.commands.runbook_files import put
from rollproof.report.folder import file_names
from rollproof.system.bundle import suite_root

RUNS = "import os, psycopg, sys; psycopg.connect(os.environ['DATABASE_URL'], autocommit=True).execute(sys.argv[1])"
UP = "CREATE TABLE parcels (id int PRIMARY KEY, weight int); CREATE INDEX orders_total ON orders (total)"
SHOP = "CREATE TABLE orders (id int PRIMARY KEY, total int); INSERT INTO orders VALUES (1, 2)"


def sql(text):
    """Return a command that runs statements: psql, which starts quickest, where there is one."""
    if shutil.which("psql"):
        return f"psql -qXc {shlex.quote(text)}"
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(RUNS)} {shlex.quote(text)}"


@pytest.fixture
def rehearse(command, server, tmp_path):
    """Call it with a rollback for the end of a rehearsal of a shop in this folder."""
    (tmp_path / "shop.sql").write_text(SHOP)
    limits = '[drill]\nname = "shop"\nmax_age = "1d"\nrto_seconds = 60\n'
    (tmp_path / "rollproof.toml").write_text(f'metrics_file = "shop.prom"\n{limits}')
    typed = ["rehearse", "--server", server.dsn("postgres"), "--source", "shop.sql", "--migrate", sql(UP), "--rollback"]
    return lambda rollback, **variables: command(tmp_path, *typed, sql(rollback), environment=variables)


def test_a_rehearsal_leaves_reports_and_the_record_of_a_drill(rehearse, command, server, tmp_path):
    reports, step = tmp_path / "rollproof-report", tmp_path / "summary"
    red = rehearse("DROP INDEX orders_total", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(step))
    overdue = command(tmp_path, "rehearse", "--max-age")

    assert red.returncode == 1, red.output
    assert red.stdout.count("tables: public.parcels was left behind") == 1
    assert "exit code 1: the rollback is at fault" in red.stdout
    assert {path.name for path in reports.iterdir() if path.is_file()} == {*file_names()}
    told, decided = (json.loads((reports / name).read_text("utf-8")) for name in ("rehearsal.json", "result.json"))
    assert (told["verdict"], decided["verdict"]) == ("NOT RESTORED", "NOT RESTORED")
    jsonschema.validate(told, json.loads((suite_root() / "reports" / "rehearsal.schema.json").read_text("utf-8")))
    assert [each.properties["title"] for each in obeyed(red.stdout)][:2] == ["NOT RESTORED", "tables: public.parcels"]
    assert step.read_text("utf-8").startswith("# NOT RESTORED")
    password = urlsplit(server.dsn("postgres")).password or "no password"
    assert [path for path in reports.rglob("*") if path.is_file() and password in path.read_text("utf-8")] == []
    assert "OVERDUE: no good drill of shop is recorded" in overdue.stdout
    metrics = dict(line.rsplit(" ", 1) for line in (tmp_path / "shop.prom").read_text("utf-8").splitlines())
    of_it = 'command="rehearse",database="shop.sql",{}phase="rehearsal"'
    assert metrics[f"rollproof_run_good{{{of_it.format('')}}}"] == "0.0"
    assert metrics[f"""rollproof_last_good_drill_timestamp_seconds{{{of_it.format('kind="rehearsal",')}}}"""] == "0.0"


def test_a_good_rehearsal_is_a_drill_until_somebody_changes_its_record(rehearse, command, tmp_path):
    put(saying("shop", drill=None), tmp_path / "rollproof-report", {})
    green = rehearse("DROP INDEX orders_total; DROP TABLE parcels")
    metrics = (tmp_path / "shop.prom").read_text("utf-8")
    book = (tmp_path / "rollproof-report/runbook.md").read_text("utf-8")
    in_time = command(tmp_path, "rehearse", "--max-age", "2h")
    (record,) = (tmp_path / "rollproof-report" / "drills").glob("*-rehearsal-verified.json")
    record.write_text(record.read_text("utf-8").replace("VERIFIED", "verified"), "utf-8")
    forged = command(tmp_path, "rehearse", "--max-age", "2h")

    assert (green.returncode, in_time.returncode, forged.returncode) == (0, 0, 1), green.output
    assert "VERIFIED: the rollback put the database back" in green.stdout
    assert "the runbook is written anew: rollproof-report/runbook.md" in green.said
    assert "By the rehearsal of `shop.sql` on " in book
    assert "| step rollback | " in book
    assert "IN TIME: the last good drill of shop was" in in_time.stdout
    assert "and the objective is 60 s" in in_time.stdout
    assert "it was changed after it was sealed" in forged.stdout
    assert obeyed(green.stdout) == []
    assert re.search(
        r'^rollproof_last_good_drill_timestamp_seconds{.*kind="rehearsal".*} 1\.\d+e\+09$', metrics, re.MULTILINE
    )
    assert re.search(r'^rollproof_stage_duration_seconds{.*stage="rollback"} 0\.\d+$', metrics, re.MULTILINE)


def test_max_age_only_looks(command, tmp_path):
    for typed, words in (
        (["--max-age"], "--max-age 30d, or max_age under"),
        (["--max-age", "30"], "write a number and h, d or w"),
        (["--max-age", "30d", "--crash"], "only looks at the records of drills; leave out --crash"),
    ):
        ended = command(tmp_path, "rehearse", *typed)
        assert (ended.returncode, words in ended.stderr) == (4, True), ended.output
    assert [*tmp_path.iterdir()] == []
