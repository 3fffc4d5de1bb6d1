"""What runs in CI holds to the published schemas, its shell to shellcheck; our own and what we give to others."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fixtures.pages import blocks

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
SHOWN = {block.option("file"): block.text for block in blocks((ROOT / "docs" / "ci.md").read_text("utf-8"))}
SCRIPTS = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]


def schema_faults(name, *files):
    """Return what is wrong with files by a schema that check-jsonschema brings."""
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{name}", *map(str, files)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def shell_faults(script, shell="bash"):
    """Return what shellcheck says of a script."""
    words = [Path(sys.executable).with_name("shellcheck"), f"--shell={shell}", "-"]
    return subprocess.run(words, input=script, capture_output=True, text=True, check=False).stdout


def test_the_action_and_our_workflows_are_what_github_takes(tmp_path):
    wrong = tmp_path / "action.yml"
    wrong.write_text((ROOT / "action.yml").read_text("utf-8").replace("using: composite", "using: magic"))

    assert schema_faults("github-actions", ROOT / "action.yml") == ""
    assert schema_faults("github-workflows", *(ROOT / ".github" / "workflows").glob("*.yml")) == ""
    assert "magic" in schema_faults("github-actions", wrong)


def test_the_files_that_the_page_shows_are_what_their_readers_take(tmp_path):
    for name, text in SHOWN.items():
        if name:
            (tmp_path / name.replace("/", "-")).write_text(text)

    assert schema_faults("github-workflows", *tmp_path.glob(".github-workflows-*.yml")) == ""
    assert schema_faults("gitlab-ci", tmp_path / ".gitlab-ci.yml", "--data-transform", "gitlab-ci") == ""
    assert len([*tmp_path.glob(".github-workflows-*.yml")]) == 3


def test_the_shell_that_the_page_shows_is_sound():
    said = [yaml.safe_load(text) for name, text in SHOWN.items() if name.endswith(".yml")]
    jobs = [job for each in said for job in each.get("jobs", each).values()]
    scripts = [step["run"] for job in jobs for step in job.get("steps", ()) if "run" in step]
    scripts += ["\n".join([*job.get("before_script", ()), *job["script"]]) for job in jobs if "script" in job]

    scripts.append(SHOWN["ci/comment.sh"])

    assert len(scripts) > 4
    assert [faults for script in scripts if (faults := shell_faults(script))] == []
    assert [script for script in scripts if "${{" in script] == []


def test_the_hook_is_what_pre_commit_takes():
    """Its fields are those of pre-commit's manual; the page uses the hook by its id."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (used,) = yaml.safe_load(SHOWN[".pre-commit-config.yaml"])["repos"][0]["hooks"]
    changed = [
        "migrations/0042.up.sql",
        "app/db/migrate/1_x.rb",
        "alembic/versions/a.py",
        "shop/migrations/0001_initial.py",
    ]

    assert {"id", "name", "entry", "language", "files"} <= hook.keys()
    assert used["id"] == hook["id"]
    assert [path for path in changed if not re.search(hook["files"], path)] == []
    assert not re.search(hook["files"], "app/models.py")


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_actions_shell_is_sound(script):
    assert shell_faults(script) == ""
    assert "SC2086" in shell_faults(f"{script}\nrm $VERSION")


def test_no_input_is_pasted_into_the_actions_shell():
    """An expression is put into a script before a shell reads it; a variable is not."""
    assert [script for script in SCRIPTS if "${{" in script] == []


def test_each_input_is_used_and_each_output_made():
    made = {name for name in ACTION["outputs"] if f"printf '{name}=" in SCRIPTS[-1]}
    used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text("utf-8")))

    assert made == {*ACTION["outputs"]}
    assert used == {*ACTION["inputs"]}
