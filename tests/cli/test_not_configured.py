"""What nobody configured has no cases, and every report says once what was not checked, and why."""

import json
import xml.etree.ElementTree as ET

import pytest

from fixtures.readers import execute

BACKUP = [
    "backup",
    "backup_age",
    "backup_agreement",
    "backup_columns",
    "backup_content",
    "backup_privileges",
    "backup_readers",
]

PAGES = ("summary.md", "report.html")


@pytest.fixture
def project(command, database, tmp_path):
    """Call it with arguments of `verify`, about a table of which a baseline was taken; a folder with that baseline."""
    execute(database, "CREATE TABLE kept (id int PRIMARY KEY)")
    command(tmp_path, "capture", "--database-url", database)
    return lambda *arguments: command(tmp_path, "verify", *arguments, "--database-url", database)


def report(folder):
    return json.loads((folder / "rollproof-report" / "result.json").read_bytes())


@pytest.mark.promise
def test_each_feature_is_said_once_in_every_report_and_has_no_cases(project, tmp_path):
    verified = project()
    folder = tmp_path / "rollproof-report"
    suite = ET.parse(folder / "junit.xml").getroot()  # noqa: S314 (we wrote it)
    said = {each["feature"]: each for each in report(tmp_path)["not_configured"]}
    sentence = (
        f"not configured: backup (7 checks: {', '.join(BACKUP)}): there is no schema migration_backup and no [backup]"
    )
    told = [each.get("value") for each in suite.iter("property") if each.get("name") == "rollproof.not_configured"]

    assert verified.returncode == 0, verified.stdout
    assert said.keys() == {"backup", "commands", "endpoints", "log", "look-ups", "plans", "queries", "services"}
    assert said["backup"]["checks"] == BACKUP
    assert f"{sentence} in rollproof.toml" in told
    assert len(told) == len(said)
    assert verified.stdout.count("not configured: backup, ") == 1
    assert [(folder / name).read_text("utf-8").count("not configured: backup ") for name in PAGES] == [1, 1]
    assert {case.get("classname").removeprefix("checks.test_") for case in suite.iter("testcase")}.isdisjoint(BACKUP)
    assert report(tmp_path)["selection"]["cases"] == len([*suite.iter("testcase")])


def test_a_run_of_nothing_but_that_checked_nothing(project, tmp_path):
    asked = project("-k", "test_endpoints")

    assert asked.returncode == 5
    assert report(tmp_path)["verdict"] == "NOTHING CHECKED"
    assert [each["feature"] for each in report(tmp_path)["not_configured"]] == ["endpoints"]


@pytest.mark.promise
def test_what_a_phase_cannot_do_without_is_missed_though_it_has_no_case(project, tmp_path):
    """READY without any backup would be the worst of all good words."""
    asked = project("pre_rollback")

    assert asked.returncode == 7, asked.stdout
    assert "what the rollback would restore from (backup)" in report(tmp_path)["sentence"]


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        ('[[endpoints]]\nname = "one"\nurl = "http://localhost:9/"', "endpoints"),
        ('[[commands]]\nname = "one"\ncommand = "true"', "commands"),
        ('[log]\ntable = "public.log"', "log"),
        ('[backup]\nschema = "copies"', "backup"),
        ('[[queries]]\nname = "one"\nsql = "SELECT 1"', "queries"),
        ('[[plans]]\nname = "one"\nsql = "SELECT 1"', "plans"),
    ],
)
def test_what_is_configured_is_asked_for(project, tmp_path, feature, said):
    (tmp_path / "rollproof.toml").write_text(feature)
    project("-k", f"{said} or query_results or migration_log or endpoint_answers")

    assert said not in {each["feature"] for each in report(tmp_path)["not_configured"]}
    assert report(tmp_path)["outcomes"]
