"""Each way to run pytest and each command, where names command a CI: in GitHub Actions it obeys our annotations alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.hostile_names import EVIL, hostile, name
from fixtures.readers import execute
from fixtures.runner_commands import obeyed

ROOT = Path(__file__).parents[2]
OLD = re.compile(r"##(?:\[|vso\[|teamcity\[)", re.IGNORECASE)
LOUD = ["-rA", "-s", "--tb=long", "--showlocals", "--color=yes", "--durations=0", "--log-cli-level=DEBUG"]
IN_PYTESTS_WORDS = ["-vv", "-W", "error", "--setup-show", "--full-trace"]
PYTEST = [sys.executable, "-m", "pytest", "-m"]
ROLLPROOF = [sys.executable, "-m", "rollproof"]
OWN = """
import pytest

pytestmark = [pytest.mark.post_rollback]

def test_own(before, after):
    \"\"\"Names are as they were.\"\"\"
    print(*after.tables, sep="\\n")
    assert sorted(after.tables) == ["::error::x", *before.tables], "\\n".join(after.tables)
"""
BLOCK = """
import rollproof
from fixtures.readers import execute

def test_it():
    with rollproof.unchanged({url!r}):
        execute({url!r}, *{damages!r})
"""


@pytest.fixture(scope="module")
def damaged(server, tmp_path_factory):
    """A folder with the baseline; the URL."""
    folder = tmp_path_factory.mktemp("hostile")
    with hostile(server) as (url, damages):
        words = [*ROLLPROOF, "capture", "--database-url", url, "--output", str(folder / "baseline.json")]
        subprocess.run(words, check=True, capture_output=True)
        execute(url, *damages)
        yield folder, url


def told(folder, words, **variables):
    """Return what a command prints, both streams as a runner reads them: one after the other."""
    runner = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary")}
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, **runner, **variables}, capture_output=True, text=True, check=False
    )
    return done.returncode, f"{done.stdout}\n{done.stderr}"


@pytest.mark.promise
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([*PYTEST, "post_rollback", *LOUD], 1),
        ([*PYTEST, "post_rollback", *LOUD, *IN_PYTESTS_WORDS], 1),
        ([*PYTEST, "post_rollback", "-q", "--collect-only"], 5),
        ([*ROLLPROOF, "verify", "post_migration", "-vv"], 1),
        ([*ROLLPROOF, "verify", "--dry-run"], 5),
        ([*ROLLPROOF, "doctor"], 0),
        ([*ROLLPROOF, "repair"], 0),
        ([*ROLLPROOF, "init", "--output", "made.toml"], 0),
        ([*ROLLPROOF, "capture", "--output", "again.json"], 0),
    ],
    ids=lambda value: " ".join(value[2:]) if isinstance(value, list) else "",
)
def test_the_runner_obeys_annotations_alone(damaged, words, code):
    folder, url = damaged
    where = {"ROLLPROOF_DATABASE_URL": url, "ROLLPROOF_REFERENCE": str(folder / "baseline.json")}
    ended, log = told(folder, words, **where)
    others = [each for each in obeyed(log) if each.name not in ("error", "warning") or {*each.properties} != {"title"}]

    assert (ended, others) == (code, []), log[-3000:]
    assert OLD.findall(log) == []
    for made in (*folder.glob("*.toml"), *folder.glob("rollproof-report/*.*"), folder / "summary"):
        assert not made.exists() or obeyed(made.read_text("utf-8")) == [], f"{made.name}, which somebody may print"


def test_a_check_of_ones_own_commands_nobody_either(damaged):
    """Also by what it prints itself, where pytest shows that."""
    folder, url = damaged
    (folder / "ops").mkdir()
    (folder / "ops" / "test_own.py").write_text(OWN)
    (folder / "rollproof.toml").write_text('checks = ["ops"]\n')
    where = {"ROLLPROOF_DATABASE_URL": url, "ROLLPROOF_REFERENCE": str(folder / "baseline.json")}
    ended, log = told(folder, [*PYTEST, "post_rollback", "-vv", "-rA", "--tb=long"], **where)

    assert ended == 1, [*map(str, obeyed(log)[:3])]
    assert "test_own" in log
    assert {each.name for each in obeyed(log)} <= {"error", "warning"}
    assert OLD.findall(log) == []


@pytest.mark.promise
def test_a_failing_block_in_a_test_commands_nobody(database, tmp_path):
    """Their own pytest prints it, and none of our doors stands there."""
    tables = [name(raw) for raw in EVIL.values()]
    execute(database, *(f"CREATE TABLE {each} (i int)" for each in tables))
    (tmp_path / "test_it.py").write_text(BLOCK.format(url=database, damages=[f"DROP TABLE {each}" for each in tables]))
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--tb=short", "-rA", "--color=yes"]
    ended, log = told(tmp_path, words, PYTHONPATH=str(ROOT))

    assert ended == 1
    assert "NOT RESTORED" in log
    assert obeyed(log) == []
    assert OLD.findall(log) == []
