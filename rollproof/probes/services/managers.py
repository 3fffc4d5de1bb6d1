"""The managers that run services: how each is asked for one, and what its answer means."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from rollproof.model.errors import Inconclusive
from rollproof.probes.services.host import Host, Said
from rollproof.probes.services.status import NO_SUCH, State, Status, Verb, together
from rollproof.settings.service import Service

_Ask = Callable[[Host, Service], Status]


def ask(host: Host, service: Service) -> Status:
    """Return what its manager says of a service. Raises `Inconclusive` if it cannot be asked, or its answer is not understood."""
    return _ASK[service.manager](host, service)


def comes_back(host: Host, service: Service, status: Status) -> str:
    """Return when the manager of a stopped service starts it by itself, as far as that is known; supervisor is asked for it."""
    if service.manager != "supervisor":
        return status.comes_back
    process = re.escape(service.called.removesuffix("*"))
    auto = re.search(rf"^{process}\S* .*\bauto\b", host.ask("avail").out, re.MULTILINE)
    return "autostart: when supervisord is started or reloaded" if auto else ""


def tell(host: Host, service: Service, verb: Verb, seconds: float) -> Said:
    """Have its manager start or stop a service, and return what it says. Raises `Inconclusive` as `Host.ask` does."""
    words = (service.called, verb) if service.manager in _UNIT_FIRST else (verb, service.called)
    return host.ask(*words, seconds=seconds)


def _unclear(service: Service, said: Said) -> Inconclusive:
    return Inconclusive(f"{service.where}: its manager does not say what state it is in: {said.words}")


_PROPERTIES = [
    "LoadState",
    "ActiveState",
    "SubState",
    "Result",
    "InvocationID",
    "MainPID",
    "NRestarts",
    "Restart",
    "TriggeredBy",
]
_OF_SYSTEMD: Mapping[str, State] = MappingProxyType(
    {"active": "running", "reloading": "running", "refreshing": "running", "inactive": "stopped", "failed": "stopped"}
)
_AFTER_END = ("always", "on-success", "on-failure", "on-abnormal", "on-abort", "on-watchdog")


def _systemd(host: Host, service: Service) -> Status:
    told = _properties(host, service, service.called, _PROPERTIES)
    if told["LoadState"] == "not-found":
        return Status(NO_SUCH, f"LoadState=not-found, ActiveState={told['ActiveState']}")
    restarts = told.get("NRestarts", "0")
    words = f"{told['ActiveState']} ({told['SubState']})"
    words += f", {told['Result']}" if told.get("Result", "success") != "success" else ""
    words += f", started again {restarts} times by itself" if restarts.strip("0") else ""
    state = _OF_SYSTEMD.get(told["ActiveState"], "neither")
    triggers = told.get("TriggeredBy", "").split() if state == "stopped" else []
    woken_by = tuple(each for each in triggers if _is_active(host, service, each))
    life = " ".join(told.get(each, "") for each in ("InvocationID", "MainPID", "NRestarts"))
    again = f"Restart={told['Restart']}" if told.get("Restart") in _AFTER_END else ""
    return Status(state, words, life if state == "running" else "", woken_by, again)


def _properties(host: Host, service: Service, unit: str, wanted: list[str]) -> dict[str, str]:
    said = host.ask("show", f"--property={','.join(wanted)}", "--", unit)
    told = dict(line.split("=", 1) for line in said.out.splitlines() if "=" in line)
    if said.code or not {"ActiveState"} <= told.keys() or ("LoadState" in wanted and "LoadState" not in told):
        raise _unclear(service, said)
    return told


def _is_active(host: Host, service: Service, unit: str) -> bool:
    return _properties(host, service, unit, ["ActiveState"])["ActiveState"] == "active"


_SUPERVISED = re.compile(
    r"^(?P<name>\S+) +(?P<state>STOPPED|STARTING|RUNNING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN)\b *(?P<more>.*)$",
    re.MULTILINE,
)
_OF_SUPERVISOR: Mapping[str, State] = MappingProxyType(
    {"RUNNING": "running", "STOPPED": "stopped", "EXITED": "stopped", "FATAL": "stopped"}
)


def _supervisor(host: Host, service: Service) -> Status:
    said = host.ask("status", service.called)
    if "ERROR (no such " in said.out:
        return Status(NO_SUCH, said.words)
    if not (found := [*_SUPERVISED.finditer(said.out)]):
        raise _unclear(service, said)
    alone = len(found) == 1
    return together([_process(each["name"], each["state"], each["more"].strip(), alone=alone) for each in found])


def _process(name: str, state: str, more: str, *, alone: bool) -> Status:
    words = f"{state} {more}".strip()
    pid = re.match(r"pid (\d+)", more)
    life = f"{name} {pid[1]}" if pid else ""
    return Status(_OF_SUPERVISOR.get(state, "neither"), words if alone else f"{name} {words}", life)


_OF_OPENRC: Mapping[str, State] = MappingProxyType({"started": "running", "stopped": "stopped", "crashed": "stopped"})


def _openrc(host: Host, service: Service) -> Status:
    said = host.ask(service.called, "status")
    both = f"{said.out}\n{said.trouble}"
    if "does not exist" in both:
        return Status(NO_SUCH, said.words)
    if not (found := re.search(r"status: *(\w+)", both)):
        raise _unclear(service, said)
    return Status(_OF_OPENRC.get(found[1], "neither"), said.words)


_USAGE = re.compile(r"^\W*usage\b", re.IGNORECASE | re.MULTILINE)  # it knows no `status`
# Who may not look is told so, and many scripts end with 1, which is LSB's word for a service that died.
_DENIED = re.compile(r"permission denied|not permitted|must be (?:run as )?root|root privileges", re.IGNORECASE)
_OF_LSB: Mapping[int, State] = MappingProxyType({0: "running", 1: "stopped", 2: "stopped", 3: "stopped"})


def _init_script(host: Host, service: Service) -> Status:
    said = host.ask(service.called, "status")
    both = f"{said.out}\n{said.trouble}"
    if "unrecognized service" in both or "could not be found" in both:
        return Status(NO_SUCH, said.words)
    if of_systemd := re.search(r"^ *Active: (\w+) *\(.*?\)", both, re.MULTILINE):  # to whom `service` hands on
        return Status(_OF_SYSTEMD.get(of_systemd[1], "neither"), of_systemd[0].strip())
    if said.code not in _OF_LSB or _USAGE.search(both) or (said.code and _DENIED.search(both)):
        raise _unclear(service, said)
    return Status(_OF_LSB[said.code], f"exit code {said.code}: {said.words}")


_OF_CONTAINER: Mapping[str, State] = MappingProxyType(
    {"running": "running", "created": "stopped", "configured": "stopped", "exited": "stopped", "dead": "stopped"}
)
# No more than this: the rest holds the container's environment, with its passwords.
_OF_INTEREST = (
    '{"State":{{json .State}},"RestartCount":{{json .RestartCount}},"Policy":{{json .HostConfig.RestartPolicy.Name}}}'
)


def _container(host: Host, service: Service) -> Status:
    said = host.ask("container", "inspect", "--format", _OF_INTEREST, service.called)
    if "no such container" in said.trouble.lower():
        return Status(NO_SUCH, said.trouble.strip())
    try:
        return _of_container(json.loads(said.out))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _unclear(service, replace(said, out="")) from None  # it may hold what a check of its health said


def _of_container(found: Any) -> Status:
    now, restarts, policy = found["State"], found["RestartCount"], found["Policy"]
    health = (now.get("Health") or now.get("Healthcheck") or {}).get("Status", "")
    words = f"{now['Status']} ({health})" if health else str(now["Status"])
    words += f", exit code {now['ExitCode']}" if now["Status"] == "exited" else ""
    words += f", started again {restarts} times by itself" if restarts else ""
    state = _OF_CONTAINER.get(now["Status"], "neither")
    if state == "running" and health in ("starting", "unhealthy"):
        state = "neither"
    again = f"restart policy {policy}" if policy not in ("", "no") else ""
    return Status(state, words, f"{now['StartedAt']} {now['Pid']} {restarts}" if state == "running" else "", (), again)


_UNIT_FIRST = ("openrc", "sysvinit")
_ASK: Mapping[str, _Ask] = MappingProxyType(
    {
        "systemd": _systemd,
        "supervisor": _supervisor,
        "openrc": _openrc,
        "sysvinit": _init_script,
        "docker": _container,
        "podman": _container,
    }
)
