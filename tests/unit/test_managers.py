"""What managers said, word for word, on machines that had them (systemd 252, Docker 20.10, OpenRC 0.45, Debian's `service`).

Each of them needs a machine of its own; supervisor is asked in tests/server.
"""

import json

import pytest

from fixtures.every import every
from rollproof.model.errors import Inconclusive
from rollproof.probes.services.host import Said
from rollproof.probes.services.judged import findings
from rollproof.probes.services.looks import Seen
from rollproof.probes.services.managers import ask
from rollproof.settings.service import Service

PROPERTIES = "Restart MainPID Result NRestarts TriggeredBy LoadState ActiveState SubState InvocationID"
LIFE = "70728b0592ec46adb0d2cae682f17e60"


class Recorded:
    """A host that says again what was said to one question after the other."""

    def __init__(self, *said):
        self.said = [*said]

    def ask(self, *_):
        return self.said.pop(0)


def status(manager, *said):
    return ask(Recorded(*said), Service(name="web", manager=manager))


def systemd(*properties):
    lines = (f"{name}={value}\n" for name, value in zip(PROPERTIES.split(), properties, strict=True))
    return Said(0, "".join(lines), "")


def docker(status, *, health="", restarts=0, policy="no", code=0):
    state = {"Status": status, "Pid": 18091, "ExitCode": code, "StartedAt": "2026-11-29T22:26:23.141884088Z"}
    state |= {"Health": {"Status": health, "Log": [{"Output": "s3cret"}]}} if health else {}
    return Said(0, json.dumps({"State": state, "RestartCount": restarts, "Policy": policy}), "")


@every(
    "manager, said, state, words",
    [
        (
            "systemd",
            systemd("always", 625, "success", 0, "", "loaded", "active", "running", LIFE),
            "running",
            "active (running)",
        ),
        (
            "systemd",
            systemd("no", 0, "success", 0, "", "loaded", "active", "exited", LIFE),
            "running",
            "active (exited)",
        ),
        (
            "systemd",
            systemd("always", 0, "success", 2, "", "loaded", "activating", "auto-restart", LIFE),
            "neither",
            "activating (auto-restart), started again 2 times by itself",
        ),
        (
            "systemd",
            systemd("no", 0, "exit-code", 0, "", "loaded", "failed", "failed", LIFE),
            "stopped",
            "failed (failed), exit-code",
        ),
        ("systemd", systemd("no", 0, "success", 0, "", "masked", "inactive", "dead", ""), "stopped", "inactive (dead)"),
        (
            "systemd",
            systemd("no", 0, "success", 0, "", "not-found", "inactive", "dead", ""),
            "unknown to its manager",
            "LoadState=not-found, ActiveState=inactive",
        ),
        ("docker", docker("running"), "running", "running"),
        ("docker", docker("running", health="healthy"), "running", "running (healthy)"),
        ("docker", docker("running", health="unhealthy"), "neither", "running (unhealthy)"),
        ("docker", docker("running", health="starting"), "neither", "running (starting)"),
        ("docker", docker("restarting", restarts=15), "neither", "restarting, started again 15 times by itself"),
        ("docker", docker("paused"), "neither", "paused"),
        ("docker", docker("created"), "stopped", "created"),
        ("podman", docker("exited", code=137), "stopped", "exited, exit code 137"),
        (
            "docker",
            Said(1, "[]\n", "Error response from daemon: No such container: web\n"),
            "unknown to its manager",
            "Error response from daemon: No such container: web",
        ),
        ("openrc", Said(0, " * status: started\n", ""), "running", "* status: started"),
        ("openrc", Said(3, " * status: stopped\n", ""), "stopped", "* status: stopped"),
        ("openrc", Said(8, " * status: starting\n", ""), "neither", "* status: starting"),
        (
            "openrc",
            Said(1, "", " * rc-service: service `web' does not exist\n"),
            "unknown to its manager",
            "* rc-service: service `web' does not exist",
        ),
        ("sysvinit", Said(0, "web is running.\n", ""), "running", "exit code 0: web is running."),
        (
            "sysvinit",
            Said(3, "web is not running ... failed!\n", ""),
            "stopped",
            "exit code 3: web is not running ... failed!",
        ),
        (
            "sysvinit",
            Said(3, " Active: activating (auto-restart)\n", ""),
            "neither",
            "Active: activating (auto-restart)",
        ),
        ("sysvinit", Said(1, "", "web: unrecognized service\n"), "unknown to its manager", "web: unrecognized service"),
    ],
)
def test_what_a_manager_says_is_a_state(manager, said, state, words):
    found = status(manager, said)

    assert (found.state, found.words) == (state, words)


@every(
    "manager, said, told",
    [
        (
            "systemd",
            Said(1, "", "System has not been booted with systemd as init system (PID 1). Can't operate.\n"),
            "System has not been booted with systemd",
        ),
        ("systemd", Said(0, "ActiveState=inactive\n", ""), "ActiveState=inactive"),
        (
            "docker",
            Said(1, "[]\n", "Cannot connect to the Docker daemon\n"),
            "Cannot connect to the Docker daemon",
        ),
        ("docker", Said(0, '{"Env": ["PASSWORD=s3cret"]}', ""), "exit code 0, without a word"),
        ("openrc", Said(0, "", ""), "exit code 0, without a word"),
        ("sysvinit", Said(3, "", "Usage: /etc/init.d/web {start|stop}\n"), "Usage: /etc/init.d/web {start|stop}"),
        ("sysvinit", Said(4, "", ""), "exit code 4, without a word"),
        ("sysvinit", Said(1, "", "cat: /run/web.pid: Permission denied\n"), "cat: /run/web.pid: Permission denied"),
    ],
)
def test_what_is_no_answer_is_no_stopped_service(manager, said, told):
    with pytest.raises(Inconclusive) as caught:
        status(manager, said)

    assert f"its manager does not say what state it is in: {told}" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_what_an_active_socket_starts_again_is_a_warning():
    stopped = systemd("no", 0, "success", 0, "web.socket web.timer", "loaded", "inactive", "dead", "")
    found = status("systemd", stopped, Said(0, "ActiveState=active\n", ""), Said(0, "ActiveState=inactive\n", ""))

    (warning,) = findings(Service(name="web", manager="systemd"), "stopped", Seen(found, found))

    assert warning.heals
    assert (
        warning.sentence
        == "service 'web' (systemd) is stopped, but web.socket is active and starts it again: stop that, too"
    )


@every(
    "manager, before, after",
    [
        (
            "systemd",
            systemd("always", 625, "success", 0, "", "loaded", "active", "running", LIFE),
            systemd("always", 771, "success", 1, "", "loaded", "active", "running", LIFE[::-1]),
        ),
        ("docker", docker("running"), docker("running", restarts=1)),
    ],
)
def test_what_was_started_again_is_told(manager, before, after):
    seen = Seen(status(manager, before), status(manager, after), 5.0)

    (found,) = findings(Service(name="web", manager=manager), "running", seen)

    assert found.sentence.startswith(f"service 'web' ({manager}) was started again within 5 s: ")
