"""`rollproof services` and the check `services`, as users type them: a supervisord of our own is stopped, started and verified."""

import json
import re
import signal

import pytest

from fixtures.readers import execute
from rollproof.incident import timeline

UNIT = """
[[services]]
name = "{name}"
manager = "supervisor"
unit = "{unit}"
control = "{control}"
stable_seconds = 0.2
"""


@pytest.fixture
def project(command, supervised, tmp_path):
    """Call it with arguments of the command line, in a folder whose services are a backend and a frontend."""
    units = {"backend": "pair:one", "frontend": "pair:two"}
    text = "".join(UNIT.format(name=name, unit=unit, control=supervised.control) for name, unit in units.items())
    (tmp_path / "rollproof.toml").write_text(text)
    return lambda *arguments, **when: command(tmp_path, *arguments, **when)


def test_they_are_stopped_and_started_again_in_order_and_the_timeline_knows(project, tmp_path):
    project("incident", "open", "ids are broken")

    tried, stopped = project("services", "stop", "--dry-run"), project("services", "stop")
    asked = project("services", "status", "--phase", "pre_rollback", "--json")
    started, wrong = project("services", "start"), project("services", "status", "--phase", "pre_rollback")

    entries = [each.event for each in timeline.read(tmp_path / "rollproof-report")]
    assert re.findall(r"would stop service '(\w+)'", tried.stdout) == ["frontend", "backend"]
    assert re.findall(r"^stopped: service '(\w+)'", stopped.stdout, re.MULTILINE) == ["frontend", "backend"]
    assert re.findall(r"^running: service '(\w+)'", started.stdout, re.MULTILINE) == ["backend", "frontend"]
    assert [each.returncode for each in (tried, stopped, asked, started, wrong)] == [0, 0, 0, 0, 1]
    assert {each["state"] for each in json.loads(asked.stdout)["services"]} == {"stopped"}
    assert wrong.stdout.count(" (wanted: stopped)") == 2
    assert [(each.what, each.verdict, each.exit_code) for each in entries[1:]] == [
        ("stop frontend", "stopped", 0),
        ("stop backend", "stopped", 0),
        ("start backend", "running", 0),
        ("start frontend", "running", 0),
    ]


def test_without_an_incident_it_is_said_that_nothing_is_recorded(project, tmp_path):
    started = project("services", "start", "backend")

    assert started.stderr.count("no incident is open, so this is not recorded") == 1
    assert not (tmp_path / "rollproof-report").exists()


def test_a_name_that_is_not_configured_is_misuse_and_nothing_is_done(project):
    stopped = project("services", "stop", "backnd")

    assert stopped.returncode == 4
    assert (
        "there is no service 'backnd' among the [[services]] of rollproof.toml; did you mean `backend`?"
        in stopped.stderr
    )


def test_what_cannot_be_asked_is_neither_stopped_nor_green(command, tmp_path):
    (tmp_path / "rollproof.toml").write_text(UNIT.format(name="backend", unit="one", control="/nowhere/supervisorctl"))

    ended = [command(tmp_path, "services", *words) for words in (("status",), ("stop",), ("start",))]

    assert [each.returncode for each in ended] == [7, 7, 7]
    assert "unknown: service 'backend' (supervisor one): `supervisorctl` cannot be run there" in ended[0].said
    assert "CANNOT BE ASKED: service 'backend'" in ended[1].said


@pytest.mark.promise
def test_a_rollback_is_not_ready_while_a_service_runs_or_cannot_be_asked(project, command, database, tmp_path):
    execute(database, "CREATE TABLE kept (id int PRIMARY KEY)")
    project("services", "start")
    command(tmp_path, "capture", "--database-url", database)

    running = project("verify", "pre_rollback", "-k", "services", "--database-url", database)
    (tmp_path / "rollproof.toml").write_text(UNIT.format(name="backend", unit="one", control="/nowhere/supervisorctl"))
    unknown = project("verify", "pre_rollback", "-k", "services", "--database-url", database)

    assert running.returncode == 1, running.output
    assert "backend service: is not stopped: RUNNING pid" in running.said
    assert unknown.returncode == 7
    assert "`supervisorctl` cannot be run there" in unknown.said


def test_a_phase_that_wants_no_state_says_that_it_was_not_asked(command, database, tmp_path):
    text = UNIT.format(name="backend", unit="one", control="/nowhere/supervisorctl")
    (tmp_path / "rollproof.toml").write_text(text + 'states = { post_rollback = "any" }\n')
    execute(database, "CREATE TABLE kept (id int PRIMARY KEY)")
    command(tmp_path, "capture", "--database-url", database)

    verified = command(tmp_path, "verify", "--database-url", database)

    assert verified.returncode == 0, verified.output
    assert (
        "`states` says that any state will do in post_rollback" in (tmp_path / "rollproof-report/junit.xml").read_text()
    )


def test_what_does_not_start_is_the_last_that_is_started(command, supervised, tmp_path):
    units = {"worker": "gives_up", "other": "idle"}
    text = "".join(UNIT.format(name=name, unit=unit, control=supervised.control) for name, unit in units.items())
    (tmp_path / "rollproof.toml").write_text(text)

    started = command(tmp_path, "services", "start", "--wait", "0.5")

    assert started.returncode == 1
    assert "NOT running: service 'worker' (supervisor gives_up), " in started.stdout
    assert "not started: service 'other' (supervisor idle): the one before it does not run" in started.stdout


def test_a_step_that_is_interrupted_is_in_the_timeline(project, supervised, tmp_path):
    project("incident", "open", "ids are broken")
    supervised("start", "pair:*")

    ended = project("services", "stop", at="rollproof.probes.services.steps:tell", number=signal.SIGINT)

    (_, entry) = (each.event for each in timeline.read(tmp_path / "rollproof-report"))
    assert ended.returncode == 130
    assert (entry.what, entry.verdict, entry.exit_code) == ("stop frontend", "INTERRUPTED", 130)


def test_what_is_started_and_ends_again_does_not_count_as_running(command, supervised, tmp_path):
    text = UNIT.format(name="worker", unit="ends", control=supervised.control).replace("0.2", "2.5")
    (tmp_path / "rollproof.toml").write_text(text)

    started = command(tmp_path, "services", "start")

    assert started.returncode == 1
    assert "NOT running: service 'worker' (supervisor ends) was " in started.stdout
