"""A group of a fleet is put right by its one script, as its first lines say, and each target has its own report."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fixtures.fleet import NAMES, Tenants
from fixtures.runner_commands import obeyed


@pytest.fixture
def verified(tenants: Tenants, baselines, command, tmp_path):
    """Call it to verify the tenants in an empty folder; returns what was run, and fleet.json."""

    def run(environment=None):
        words = ("verify", "--targets", tenants.list_in(tmp_path), "--reference", baselines, "--metrics-file", "f.prom")
        done = command(tmp_path, *words, environment=tenants.environment | (environment or {}))
        return done, json.loads((tmp_path / "rollproof-report" / "fleet.json").read_text("utf-8"))

    return run


@pytest.fixture
def without_index(tenants):
    """One of them has lost its index."""
    tenants.run("two", "DROP INDEX orders_total")
    yield "two"
    tenants.run("two", "CREATE INDEX IF NOT EXISTS orders_total ON orders (total)")


@pytest.fixture
def shell(server, tenants):
    """Call it with a line and a folder; psql is that of the server, or the machine's."""
    found = shutil.which("psql", path=f"{server.bindir or ''}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip("there is no psql here")

    def run(line, folder):
        path = {"PATH": f"{Path(found).parent}{os.pathsep}{os.environ['PATH']}"}
        environment = os.environ | tenants.environment | path
        return subprocess.run(
            ["/bin/sh", "-c", line], cwd=folder, env=environment, text=True, capture_output=True, check=False
        )

    return run


def test_the_script_of_a_group_puts_each_of_its_targets_right(tenants, verified, without_index, shell, tmp_path):
    folder = tmp_path / "rollproof-report"
    for name in ("one", "three"):
        tenants.run(name, "DROP INDEX orders_total; ALTER TABLE orders ALTER total SET NOT NULL")

    done, told = verified()
    (group,) = [each for each in told["groups"] if each["repairs"]]
    alone = next(each for each in told["targets"] if each["name"] == without_index)
    ran = [shell(group["repairs"][0]["command"], folder)]
    ran.append(shell(f'psql -X -w -v ON_ERROR_STOP=1 -f {alone["folder"]}/repair.sql "{alone["address"]}"', folder))
    after, whole = verified()

    assert done.returncode == 1, done.output
    assert "NOT RESTORED: 3 of 3 targets" in done.stdout
    assert "3 of 3 targets lack index orders_total of public.orders; 1 of them differs in nothing else" in " ".join(
        done.stdout.split()
    )
    assert (group["targets"], {each["name"] for each in told["targets"] if each["group"] == group["anchor"]}) == (
        2,
        {"one", "three"},
    )
    assert [(each.returncode, each.stderr, "not repaired" in each.stdout) for each in ran] == [(0, "", False)] * 2
    assert after.returncode == 0, after.output
    assert (whole["verdict"], whole["counts"]) == ("VERIFIED", {"VERIFIED": 3})
    assert not [*folder.glob("targets/*/repair.sql"), *folder.glob("repairs/*"), *folder.glob("targets/*/report.html")]


@pytest.mark.usefixtures("without_index")
def test_each_report_of_a_fleet_is_there_and_holds_no_password(tenants, verified, tmp_path):
    done, told = verified()
    folder, password = tmp_path / "rollproof-report", tenants.environment["PGPASSWORD"]
    files = [each for each in folder.rglob("*") if each.is_file()]

    assert {each.name for each in folder.iterdir()} >= {"fleet.html", "fleet.json", "fleet.md", "junit.xml", "targets"}
    assert {each["name"]: bool(each["page"]) for each in told["targets"]} == {name: name == "two" for name in NAMES}
    assert all((folder / each["folder"] / "result.json").is_file() for each in told["targets"])
    assert (folder / "targets" / "two" / "report.html").is_file()
    assert "rollproof_target_good{" in (tmp_path / "f.prom").read_text()
    assert password
    assert [each.name for each in files if password in each.read_text("utf-8", "replace")] == []
    assert password not in done.output


@pytest.mark.usefixtures("without_index")
def test_a_pull_request_shows_the_groups(verified, tmp_path):
    summary = tmp_path / "summary"
    done, _ = verified({"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)})

    assert [each.properties["title"] for each in obeyed(done.stdout)] == [
        "NOT RESTORED",
        "1 target lacks index orders_total of public.orders",
    ]
    assert summary.read_text() == (tmp_path / "rollproof-report" / "fleet.md").read_text()
