"""action.yml as GitHub's runner runs it: the same shell, on a real database."""

import shutil
from pathlib import Path

import psycopg
import pytest
import yaml

from fixtures.readers import execute
from fixtures.workflow import ROOT, UV, Runner, machine


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path, machine(tmp_path, {"uv": UV}))


def steps(*given, **env):
    """Return a job whose steps use our action with these inputs; the last one's id is `last`."""
    used = [{"uses": "rollproof/rollproof@v0", "with": each, "if": "always()"} for each in given]
    used[-1]["id"] = "last"
    return {"steps": used, "env": env}


@pytest.fixture
def captured(runner, database):
    """The URL of a database whose baseline the action took."""
    execute(database, "CREATE TABLE parcels (id int PRIMARY KEY, weight int); INSERT INTO parcels VALUES (1, 2)")
    runner.job(steps({"command": "capture", "database-url": database}))
    assert not runner.failed, runner.log
    return database


def test_an_honest_rollback_is_green(runner, captured):
    said = runner.job(steps({"database-url": captured}))["last"]

    assert not runner.failed, runner.log
    assert said == {"verdict": "VERIFIED", "exit-code": "0", "report-dir": "rollproof-report"}
    assert (runner.folder / "rollproof-report" / "junit.xml").is_file()
    assert runner.summary.startswith("# VERIFIED\n")
    assert [(each.name, each.properties["title"]) for each in runner.commands] == [("notice", "VERIFIED")]


def test_a_dishonest_rollback_is_red(runner, captured):
    execute(captured, "ALTER TABLE parcels DROP COLUMN weight")
    said = runner.job(steps({"report-dir": "reports of mine"}, ROLLPROOF_DATABASE_URL=captured))["last"]

    assert runner.code == 1
    assert said == {"verdict": "NOT RESTORED", "exit-code": "1", "report-dir": "reports of mine"}
    assert (runner.folder / "reports of mine" / "report.html").is_file()
    assert {each.name for each in runner.commands} == {"error"}


def test_an_older_verdict_is_not_told_again(runner, captured):
    said = runner.job(steps({"database-url": captured}, {"database-url": captured, "args": "--no-such-option"}))["last"]

    assert runner.code == 4
    assert (said["verdict"], said["exit-code"]) == ("", "4")
    assert runner.commands[-1].data == "it ended with exit code 4; the log says why"


def test_each_line_of_args_is_one_word(runner, captured):
    said = runner.job(steps({"database-url": captured, "args": "-k\nrows or content\n\n--jobs=1\n"}))["last"]

    assert said["verdict"] == "PARTLY VERIFIED", runner.log


@pytest.mark.parametrize(
    "name", ["command", "phase", "database-url", "reference", "report-dir", "args", "version", "extras"]
)
def test_no_input_becomes_a_command(runner, name):
    evil = "x\"; touch pwned; ' $(touch pwned) `touch pwned` \n::add-mask::x\nexit-code=0\ntouch pwned #"
    said = runner.job(steps({"database-url": "postgresql://127.0.0.1:9/x", name: evil}))["last"]

    assert not (runner.folder / "pwned").exists()
    assert said["exit-code"] in ("4", "5", "7"), runner.log
    assert {*said} == {"verdict", "exit-code", "report-dir"}
    assert {each.name for each in runner.commands} <= {"error", "warning"} or name in ("version", "extras"), runner.log


def test_the_address_is_no_argument(runner, captured):
    """Whoever may see the processes of the machine would read the password."""
    program = runner.folder / "temp" / "rollproof" / "bin" / "rollproof"
    program.write_text('#!/bin/sh\necho "arguments: $*"\necho "variable: $ROLLPROOF_REFERENCE"\n')
    runner.log = ""
    runner.job(steps({"database-url": captured, "reference": captured}))

    assert "arguments: verify post_rollback\n" in runner.log
    assert f"variable: {captured}\n" in runner.log


def test_a_job_that_is_cancelled_keeps_its_reports(runner, captured):
    """The runner tells bash alone to end, by SIGINT, and kills everything some seconds later."""
    with psycopg.connect(captured) as other:
        other.execute("LOCK TABLE parcels")
        program = runner.folder / "temp" / "rollproof" / "bin" / "rollproof"
        begun = program.read_text().replace("exec ", "sleep 1; (sleep 2; kill -s INT $PPID) & exec ")
        program.write_text(begun)
        said = runner.job(steps({"database-url": captured, "args": "--lock-timeout=60"}))["last"]

    assert (said["verdict"], said["exit-code"]) == ("INTERRUPTED", "143"), runner.log
    assert (runner.folder / "rollproof-report" / "junit.xml").is_file()


def test_other_commands_have_no_verdict(runner, captured):
    for command in ("doctor", "repair"):
        said = runner.job(steps({"command": command, "database-url": captured}))["last"]
        assert (said["verdict"], said["exit-code"]) == ("", "0"), runner.log


@pytest.mark.parametrize(
    ("given", "installed"),
    [
        ({}, f"{ROOT}"),
        ({"extras": "rehearse"}, f"{ROOT}[rehearse]"),
        ({"version": "1.2.3"}, "rollproof==1.2.3"),
        ({"version": "1.2.3", "extras": "rehearse,demo"}, "rollproof[rehearse,demo]==1.2.3"),
    ],
)
def test_what_was_asked_for_is_installed_once(runner, given, installed):
    looked = {"command": "explain", "args": "rows", **given}
    runner.job(steps(looked, looked))
    packages = [each["with"]["path"] for each in runner.used]

    assert runner.log.count("installed: ") == 1
    assert f"installed: pip install --quiet --python {runner.folder}/temp/rollproof {installed}\n" in runner.log
    assert packages == [f"{runner.folder}/temp/rollproof-packages"] * 2
    assert {len(each["with"]["key"].split(",")) for each in runner.used} == {1}, "the cache refuses a comma"


def test_without_uv_python_and_pip_are_enough(tmp_path):
    environment = machine(tmp_path, {"python3": f'set -- "$2" "$3"\n{UV}'})
    if any(Path(folder, "uv").exists() for folder in ("/usr/bin", "/bin")):
        pytest.skip("uv is where bash is, so this machine cannot be without it")
    runner = Runner(tmp_path, {**environment, "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"})
    runner.job(steps({"command": "explain", "args": "rows"}))

    assert not runner.failed, runner.log
    assert f"pip: install --quiet --disable-pip-version-check {ROOT}\n" in runner.log


@pytest.mark.skipif(not shutil.which("uv"), reason="uv is not installed, so nothing can be installed by it")
def test_what_it_was_taken_from_can_be_installed(tmp_path):
    runner = Runner(tmp_path, machine(tmp_path, {}))
    runner.job(yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]["action"])

    assert not runner.failed, runner.log
    assert "Every table has exactly as many rows as before." in runner.log


def test_a_cache_that_is_not_wanted_is_none(runner):
    runner.job(steps({"command": "explain", "args": "rows", "cache": "false"}))

    assert runner.used == []
