"""Each file that docs/ci.md shows is run: green after an honest rollback, red after one that loses something.

By day those that gate a change are tried with both, the others with the one that loses a row; ROLLPROOF_PLACES=all tries both.
"""

import os
import re
import shlex
import subprocess
from pathlib import Path
from types import SimpleNamespace

import kubernetes_validate
import pytest
import yaml

from fixtures.pages import blocks
from fixtures.workflow import COLD, UV, Runner, machine
from rollproof.settings.options import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
SHOWN = {block.option("file"): block.text for block in blocks(PAGE)}
VALUES = {
    f".Values.rollproof.{name}": value for name, value in yaml.safe_load(SHOWN["values.yaml"])["rollproof"].items()
}
VALUES[".Release.Name"] = "shop"
ADDRESS = re.compile(r"postgresql://postgres:throw-away@\S+")
SCHEMA = "CREATE TABLE parcels (id int PRIMARY KEY, weight numeric(10, 2) NOT NULL, note text);"
SAMPLE = "INSERT INTO parcels VALUES (1, 2.5, NULL), (2, 0, 'fragile');"
UP = "ALTER TABLE parcels ALTER weight TYPE numeric(12, 4);"
ROLLBACKS = {
    "honest": "ALTER TABLE parcels ALTER weight TYPE numeric(10, 2);",
    "a lost row": "ALTER TABLE parcels ALTER weight TYPE numeric(10, 2); DELETE FROM parcels WHERE id = 2;",
}
BOTH = pytest.mark.parametrize("project", ROLLBACKS, indirect=True)
THERE_AND_BACK = 'psql "$URL" --quiet -f migrations/0042.up.sql -f migrations/0042.down.sql'


@pytest.fixture(params=ROLLBACKS if os.environ.get("ROLLPROOF_PLACES") == "all" else ["a lost row"])
def project(request, tmp_path, server, database, program):
    """Somebody's checkout, with a migration whose rollback is honest or is not."""
    files = {"schema.sql": SCHEMA, "sample.sql": SAMPLE, "migrations/0042.up.sql": UP}
    for name, text in (files | {"migrations/0042.down.sql": ROLLBACKS[request.param]}).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    programs = {"uv": UV.replace(COLD, f"{program}"), "pip": "exit 0", "apt-get": "exit 0"}
    programs["rollproof"] = f'exec {program} "$@"'
    programs["psql"] = f'exec {server.bindir / "psql"} --no-psqlrc "$@"'
    code = 0 if request.param == "honest" else 1
    return SimpleNamespace(folder=tmp_path, url=database, machine=machine(tmp_path, programs), code=code)


@pytest.fixture
def staged(project):
    """The same, where the database is there already."""
    assert shell(project, 'psql "$URL" --quiet -f schema.sql -f sample.sql').returncode == 0
    return project


def shell(project, script, **variables):
    """Run a script as a CI does, in the project."""
    words = ["bash", "-eo", "pipefail", "-c", script]
    known = {**project.machine, "URL": project.url, **variables}
    return subprocess.run(words, cwd=project.folder, env=known, capture_output=True, text=True, check=False)


def workflow(name, project):
    """Return the jobs of a workflow that the page shows, with the test's database in it; and who runs them."""
    jobs = yaml.safe_load(ADDRESS.sub(project.url, SHOWN[f".github/workflows/{name}.yml"]))["jobs"]
    secrets = {"STAGING_DATABASE_URL": project.url, "VERIFIER_DATABASE_URL": project.url}
    return jobs, Runner(project.folder, project.machine, secrets)


def named(step):
    return step.get("with", {}).get("path")


@BOTH
def test_a_pull_request_is_gated(project):
    jobs, runner = workflow("rollback", project)
    jobs["rollback"]["steps"][1]["id"] = "last"
    told = runner.job(jobs["rollback"])["last"]

    assert (runner.code, runner.failed) == (project.code, "Is everything as it was?" * project.code), runner.log
    assert "rollproof-report" in map(named, runner.used)
    assert (project.folder / "rollproof-report" / "rehearsal.html").is_file()
    assert runner.commands[0].properties["title"] == ("NOT RESTORED" if project.code else "VERIFIED")
    assert (told["verdict"], told["exit-code"]) == (runner.commands[0].properties["title"], str(project.code))


def test_a_migration_is_rehearsed(staged):
    jobs, runner = workflow("rehearsal", staged)
    runner.job(jobs["rehearsal"])
    reports = staged.folder / "reports"

    assert (runner.code, runner.failed) == (staged.code, "Is everything as it was?" * staged.code), runner.log
    assert (reports / "migrated" / "report.html").is_file()
    assert (reports / "rolled-back" / "report.html").is_file()


def test_production_is_verified_after_a_rollback(staged):
    jobs, runner = workflow("production", staged)
    runner.job(jobs["baseline"])
    assert shell(staged, THERE_AND_BACK).returncode == 0
    runner.job(jobs["rolled-back"], baseline="17")

    assert runner.code == staged.code, runner.log
    assert runner.failed == "Is everything as it was?" * staged.code


@BOTH
def test_gitlab_gates_a_merge_request(project):
    job = yaml.safe_load(SHOWN[".gitlab-ci.yml"])["rollback"]
    variables = {name: ADDRESS.sub(project.url, value) for name, value in job["variables"].items()}
    done = shell(project, "\n".join([*job["before_script"], *job["script"]]), **variables, GITLAB_CI="true")

    assert done.returncode == project.code, done.stdout
    assert (project.folder / job["artifacts"]["reports"]["junit"]).is_file()


def test_gitlab_verifies_production(staged):
    job = yaml.safe_load(SHOWN[".gitlab-ci.yml"])["rolled back"]
    script = "\n".join(["rollproof capture", THERE_AND_BACK, *job["script"]])
    done = shell(staged, script, ROLLPROOF_DATABASE_URL=staged.url)

    assert done.returncode == staged.code, done.stdout


def containers(name):
    """Return the containers of a manifest of deploy/, by their job's name; a template's names are filled in."""
    text = re.sub(
        r"{{ (.*?)(?: \| quote)? }}", lambda found: VALUES[found[1]], (ROOT / "deploy" / name).read_text("utf-8")
    )
    jobs = [job for job in yaml.safe_load_all(text) if job]
    for job in jobs:
        kubernetes_validate.validate(job, "1.37", strict=True)
    return {job["metadata"]["name"]: job["spec"]["template"]["spec"]["containers"][0] for job in jobs}


def started(container, project):
    """Run what a container would, with the project's folder in the place of its volumes."""
    volumes = [each["mountPath"] for each in container["volumeMounts"] if each["mountPath"] != "/tmp"]  # noqa: S108
    for volume in volumes:
        (project.folder / volume.strip("/")).mkdir(exist_ok=True)
    words = [re.sub("^(?=/)", str(project.folder), word) for word in container["args"]]
    address = [each["name"] for each in container["env"]]
    return shell(project, shlex.join(["rollproof", *words]), **dict.fromkeys(address, project.url))


def test_a_job_of_kubernetes_verifies(staged):
    job = containers("kubernetes.yaml")["rollproof"]
    taken = {**job, "args": yaml.safe_load(re.search(r"`args: (\[.*?\])`", PAGE)[1])}
    assert started(taken, staged).returncode == 0
    assert shell(staged, THERE_AND_BACK).returncode == 0

    assert started(job, staged).returncode == staged.code
    assert (staged.folder / "reports" / "report.html").is_file()


def test_hooks_of_helm_verify(staged):
    jobs = containers("helm.yaml")
    assert started(jobs["shop-rollproof-capture"], staged).returncode == 0
    assert shell(staged, THERE_AND_BACK).returncode == 0

    assert started(jobs["shop-rollproof-verify"], staged).returncode == staged.code
    assert (staged.folder / "rollproof" / "reports" / "report.html").is_file()


def test_the_hook_lets_no_dishonest_rollback_be_committed(project):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (used,) = yaml.safe_load(SHOWN[".pre-commit-config.yaml"])["repos"][0]["hooks"]
    done = shell(project, f"{hook['entry']} {shlex.join(used['args'])}", ROLLPROOF_SERVER=project.url)

    assert done.returncode == project.code, done.stdout + done.stderr
    assert ("NOT RESTORED" if project.code else "VERIFIED") in done.stdout


def test_the_reports_that_are_kept_are_where_they_are_written():
    kept = re.findall(r"^ +path: (rollproof\S*)$", "\n".join(SHOWN.values()), re.MULTILINE)

    assert {*kept} == {Settings().report_dir}
