"""action.yml as GitHub's runner runs it: the same shell, on a real database."""

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import psycopg
import pytest
import yaml

from fixtures.readers import execute
from fixtures.waiting import within
from fixtures.workflow import COLD, ROOT, UV, Runner, machine
from rollproof.throwaway.servers.server import fresh_name

QUIET = UV.replace(COLD, "true")  # what it installs does nothing
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rollproof'"
    " AND wait_event_type = 'Lock'"
)


@pytest.fixture
def runner(tmp_path, program):
    return Runner(tmp_path, machine(tmp_path, {"uv": UV.replace(COLD, f"{program}")}))


def steps(*given, **env):
    """Return a job whose steps use our action with these inputs; the last one's id is `last`."""
    used = [{"uses": "rollproof/rollproof@v0", "with": each, "if": "always()"} for each in given]
    used[-1]["id"] = "last"
    return {"steps": used, "env": env}


@pytest.fixture(scope="module")
def taken(server, tmp_path_factory):
    """The URL of a database, and a folder in which the action took its baseline."""
    folder, name = tmp_path_factory.mktemp("taken"), fresh_name()
    server.create(name)
    url = server.dsn(name)
    execute(url, "CREATE TABLE parcels (id int PRIMARY KEY, weight int); INSERT INTO parcels VALUES (1, 2)")
    runner = Runner(folder, machine(folder, {"uv": UV}))
    runner.job(steps({"command": "capture", "database-url": url}))
    assert not runner.failed, runner.log
    yield url, folder
    server.drop(name)


@pytest.fixture
def captured(runner, taken):
    """The URL of a database whose baseline an earlier step of the job took. Whoever changes it changes it back."""
    url, folder = taken
    shutil.copytree(folder, runner.folder, dirs_exist_ok=True)
    return url


def test_an_honest_rollback_is_green_and_its_verdict_is_not_told_again(runner, captured):
    said = runner.job(steps({"database-url": captured}))["last"]

    assert not runner.failed, runner.log
    assert said == {"verdict": "VERIFIED", "exit-code": "0", "report-dir": "rollproof-report"}
    assert (runner.folder / "rollproof-report" / "junit.xml").is_file()
    assert runner.summary.startswith("# VERIFIED\n")
    assert [(each.name, each.properties["title"]) for each in runner.commands] == [("notice", "VERIFIED")]

    later = runner.job(steps({"database-url": captured, "args": "--no-such-option"}))["last"]

    assert runner.code == 4
    assert (later["verdict"], later["exit-code"]) == ("", "4")
    assert runner.commands[-1].data == "it ended with exit code 4; the log says why"


def test_a_dishonest_rollback_is_red(runner, captured):
    execute(captured, "ALTER TABLE parcels ALTER weight SET NOT NULL")
    said = runner.job(steps({"report-dir": "reports of mine"}, ROLLPROOF_DATABASE_URL=captured))["last"]
    execute(captured, "ALTER TABLE parcels ALTER weight DROP NOT NULL")

    assert runner.code == 1
    assert said == {"verdict": "NOT RESTORED", "exit-code": "1", "report-dir": "reports of mine"}
    assert (runner.folder / "reports of mine" / "report.html").is_file()
    assert {each.name for each in runner.commands} == {"error"}


def test_each_line_of_args_is_one_word(runner, captured):
    said = runner.job(steps({"database-url": captured, "args": "-k\nrows or content\n\n--jobs=1\n"}))["last"]

    assert said["verdict"] == "PARTLY VERIFIED", runner.log


@pytest.mark.parametrize(
    "names",
    [["command"], ["version", "extras"], ["phase", "database-url", "reference", "report-dir", "args"]],
    ids=" ".join,
)
def test_no_input_becomes_a_command(runner, names):
    evil = "x\"; touch pwned; ' $(touch pwned) `touch pwned` \n::add-mask::x\nexit-code=0\ntouch pwned #"
    said = runner.job(steps({"database-url": "postgresql://127.0.0.1:9/x", **dict.fromkeys(names, evil)}))["last"]

    assert not (runner.folder / "pwned").exists()
    assert said["exit-code"] in ("4", "5", "7"), runner.log
    assert {*said} == {"verdict", "exit-code", "report-dir"}
    assert {each.name for each in runner.commands} <= {"error", "warning"} or "version" in names, runner.log


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
        program.write_text(f'#!/bin/sh\nsleep 1; echo $PPID >bash; exec {COLD} "$@"\n')  # signals must reach it
        cancelling = threading.Thread(target=cancel, args=(captured, runner.folder / "bash"))
        cancelling.start()
        said = runner.job(steps({"database-url": captured, "args": "--lock-timeout=60"}))["last"]
        cancelling.join()

    assert (said["verdict"], said["exit-code"]) == ("INTERRUPTED", "143"), runner.log
    assert (runner.folder / "rollproof-report" / "junit.xml").is_file()


def cancel(url, file):
    """End the process that a file names, once a session of ours waits for a lock."""
    with psycopg.connect(url, autocommit=True) as watcher:
        within(60, lambda: watcher.execute(WAITING).fetchone()[0])
    time.sleep(1)  # the first check waits now, and pytest listens
    os.kill(int(file.read_text("utf-8")), signal.SIGINT)


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
def test_what_was_asked_for_is_installed_once(tmp_path, given, installed):
    runner = Runner(tmp_path, machine(tmp_path, {"uv": QUIET}))
    looked = {"command": "explain", "args": "rows", **given}
    runner.job(steps(looked, looked))
    packages = [each["with"]["path"] for each in runner.used]

    assert runner.log.count("installed: ") == 1
    assert f"installed: pip install --quiet --python {runner.folder}/temp/rollproof {installed}\n" in runner.log
    assert packages == [f"{runner.folder}/temp/rollproof-packages"] * 2
    assert {len(each["with"]["key"].split(",")) for each in runner.used} == {1}, "the cache refuses a comma"


def test_without_uv_python_and_pip_are_enough(tmp_path):
    environment = machine(tmp_path, {"python3": f'set -- "$2" "$3"\n{QUIET}'})
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


def test_a_cache_that_is_not_wanted_is_none(tmp_path):
    runner = Runner(tmp_path, machine(tmp_path, {"uv": QUIET}))
    runner.job(steps({"command": "explain", "args": "rows", "cache": "false"}))

    assert runner.used == []
