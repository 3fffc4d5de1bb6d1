"""A verification in GitHub Actions: annotations on the page, the step's summary; nothing of both anywhere else."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fixtures.readers import execute
from fixtures.runner_commands import obeyed
from rollproof.report.github import ROOM

ROOT = Path(__file__).parents[2]
PARCELS = "CREATE TABLE parcels (id int PRIMARY KEY, weight int); INSERT INTO parcels VALUES (1, 2)"


@pytest.fixture
def damaged(command, database, tmp_path):
    """A shop whose rollback lost a column, and what a verification of it is told."""
    execute(database, PARCELS)
    typed = ["--database-url", database, "--reference", str(tmp_path / "before.json")]
    assert command(tmp_path, "capture", *typed[:2], "--output", typed[3]).returncode == 0
    execute(database, "ALTER TABLE parcels DROP COLUMN weight")
    return typed


@pytest.fixture
def runner(tmp_path):
    """The variables of a step."""
    summary = tmp_path / "summary"
    summary.write_text("# What another command of the step wrote\n")
    return {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}


def test_a_pull_request_shows_what_was_not_restored(command, damaged, runner, tmp_path):
    ended = command(tmp_path, "verify", *damaged, environment=runner)
    found = obeyed(ended.stdout)
    summary = (tmp_path / "summary").read_text()

    assert ended.returncode == 1
    assert [(each.name, each.properties["title"]) for each in found[:2]] == [
        ("error", "NOT RESTORED"),
        ("error", "public.parcels: column weight missing · whether its rows changed too is not known yet"),
    ]
    assert summary.startswith("# What another command of the step wrote\n\n# NOT RESTORED\n")
    assert (tmp_path / "rollproof-report" / "summary.md").read_text() in summary
    assert obeyed(ended.stderr) == []


def test_pytest_itself_tells_it_too(damaged, runner, tmp_path):
    """Its own writing is another than the command's."""
    named, values = damaged[::2], damaged[1::2]
    typed = [f"--report-dir={tmp_path}", *map("=".join, zip(named, values, strict=True))]
    words = [sys.executable, "-m", "pytest", "-m", "post_rollback", "--color=yes", *typed]
    ended = subprocess.run(words, cwd=ROOT, env={**os.environ, **runner}, capture_output=True, text=True, check=False)

    assert [each.properties.get("title") for each in obeyed(ended.stdout)][:1] == ["NOT RESTORED"]


def test_elsewhere_nobody_is_commanded(command, damaged, runner, tmp_path):
    ended = command(tmp_path, "verify", *damaged, environment={**runner, "GITHUB_ACTIONS": "false"})

    assert obeyed(ended.output) == []
    assert (tmp_path / "summary").read_text() == "# What another command of the step wrote\n"


@pytest.mark.parametrize("look", ["--dry-run", "--collect-only"])
def test_a_look_is_no_run(command, damaged, runner, look, tmp_path):
    assert obeyed(command(tmp_path, "verify", *damaged, look, environment=runner).output) == []


def test_a_run_that_is_cancelled_says_so_once(command, damaged, runner, tmp_path):
    when = {"number": signal.SIGTERM, "at": "pytest_runtest_logstart", "nth": 3}
    ended = command(tmp_path, "verify", *damaged, environment=runner, **when)

    assert ended.returncode == 143
    assert obeyed(ended.stdout)[0].properties["title"] == "INTERRUPTED"
    assert (tmp_path / "summary").read_text().count("\n# ") == 1


def test_a_database_that_cannot_be_reached_is_told(command, damaged, runner, tmp_path):
    nobody = ["--database-url", "postgresql://127.0.0.1:9/x", *damaged[2:]]
    ended = command(tmp_path, "verify", *nobody, environment=runner)

    assert ended.returncode == 7
    assert obeyed(ended.stdout)[0].properties["title"] == "INCONCLUSIVE"
    assert "127.0.0.1" in obeyed(ended.stdout)[0].data


def test_a_full_summary_stays_what_it_is(command, damaged, runner, tmp_path):
    (tmp_path / "summary").write_text("x" * ROOM)
    ended = command(tmp_path, "verify", *damaged, environment=runner)

    assert ended.returncode == 1
    assert "NOT written: the step's summary: it is full" in ended.stdout
    assert (tmp_path / "summary").stat().st_size == ROOM


def test_a_summary_that_cannot_be_written_changes_no_verdict(command, damaged, runner, tmp_path):
    ended = command(tmp_path, "verify", *damaged, environment={**runner, "GITHUB_STEP_SUMMARY": str(tmp_path)})

    assert ended.returncode == 1
    assert "NOT written: the step's summary: Is a directory" in ended.stdout


@pytest.mark.parametrize("phrase", ["verify", "capture", "doctor", "repair"])
def test_a_password_is_no_mask(command, damaged, runner, phrase, tmp_path):
    """`::add-mask::` would print it, and whoever reads the log elsewhere than through the runner would see it."""
    password = urlsplit(damaged[1]).password
    typed = damaged if phrase != "capture" else [*damaged[:2], "--output", "again.json"]
    ended = command(tmp_path, phrase, *typed, environment=runner)

    assert "add-mask" not in ended.output
    assert len(password) > 5
    assert password not in ended.output + (tmp_path / "summary").read_text()
