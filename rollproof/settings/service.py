"""One `[[services]]` of `rollproof.toml`: a service of the application, where it runs, and in which state each phase wants it."""

import shlex
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

import msgspec

from rollproof.model.errors import did_you_mean
from rollproof.model.phase import PHASES

ServiceState = Literal["running", "stopped", "any"]
MANAGERS: Mapping[str, str] = MappingProxyType(
    {
        "systemd": "systemctl",
        "supervisor": "supervisorctl",
        "openrc": "rc-service",
        "sysvinit": "service",
        "docker": "docker",
        "podman": "podman",
    }
)
"""What runs services → the command that it is asked by."""
LOCAL = "local"
HOSTS = ("ssh", "docker", "podman", "kubectl", "lxc")
"""Beside `local`, how a host is reached: the scheme of its address, as pytest-testinfra has them."""


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A service of the application; all that uses the database is stopped before a rollback, and runs after it.

    `unit` is what the `manager` on its `host` calls it, by default its name; `control` is how the manager's command is called
    there. `host` is `local`, or an address of pytest-testinfra: `ssh://user@host`, `docker://container`, `kubectl://pod`.
    `states` says for a phase which state it wants (`running` by default, `stopped` before a rollback). It is stable if it was
    not started again for `stable_seconds`. A manager that has not answered after `max_seconds` cannot be asked.
    """

    name: str
    manager: str
    unit: str | None = None
    host: str = LOCAL
    control: str | None = None
    states: dict[str, ServiceState] = {}
    stable_seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 5.0
    max_seconds: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 10.0

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable():
            raise ValueError("a service's name is empty or not printable")
        if fault := next(self._faults(), None):
            raise ValueError(f"service {self.name!r}: {fault}")

    def _faults(self) -> Iterator[str]:
        if self.manager not in MANAGERS:
            near = did_you_mean(self.manager, MANAGERS) or f"; it knows {', '.join(MANAGERS)}"
            yield f"{self.manager!r} is no manager that rollproof knows{near}"
        if strange := sorted(set(self.states) - set(PHASES)):
            yield f"{strange[0]!r} is no phase; the phases are {', '.join(PHASES)}"
        if fault := host_fault(self.host):
            yield f"its host {fault}"
        if self.control is not None and (fault := _control_fault(self.control)):
            yield f"its control {fault}"
        if fault := _unit_fault(self.called, self.manager):
            yield f"its unit {fault}"

    def __repr__(self) -> str:
        return f"<Service {self.name!r}>"  # its control may hold a password

    @property
    def called(self) -> str:
        """What its manager calls it."""
        return self.name if self.unit is None else self.unit

    @property
    def where(self) -> str:
        """The service as messages name it: with its manager, and its host if that is another one."""
        unit = "" if self.called == self.name else f" {self.called}"
        host = "" if self.host == LOCAL else f" on {self.host.partition('?')[0]}"
        return f"service {self.name!r} ({self.manager}{unit}{host})"

    def wanted(self, phase: str) -> ServiceState:
        """Return the state that a phase wants."""
        return self.states.get(phase, "stopped" if PHASES[phase].next_step == "rollback" else "running")


def host_fault(host: str) -> str:
    """Return what is wrong with a host's address, or nothing; without quoting what may be a password."""
    if host == LOCAL:
        return ""
    scheme, there, _ = host.partition("://")
    if not there or scheme not in HOSTS:
        return f"is neither {LOCAL} nor an address as {', '.join(f'{each}://…' for each in HOSTS)}"
    try:
        parts = urlsplit(host)
    except ValueError:
        return "cannot be read as an address"
    user, _, machine = parts.netloc.rpartition("@")
    if ":" in user:
        return "holds a password: let ssh take a key (?ssh_identity_file=…), or ask its agent"
    if not machine or any(unquote(each).startswith("-") for each in (user, machine)):
        return "names no machine"
    blank = not host.isprintable() or any(letter.isspace() for letter in host)
    return "holds a blank, or a letter that has no shape" if blank else ""


def _control_fault(control: str) -> str:
    try:
        words = shlex.split(control)
    except ValueError as error:
        return f"cannot be split into words: {error}"
    return "" if words and control.isprintable() else "is empty or not printable"


def _unit_fault(unit: str, manager: str) -> str:
    if not unit.strip() or not unit.isprintable() or unit.startswith("-"):
        return "is empty, not printable, or begins with a minus"
    groups = manager == "supervisor" and unit.endswith(":*") and "*" not in unit[:-1]
    if any(letter in unit for letter in "*?[") and not groups:
        return "is a pattern: name each service by itself, or a group of supervisor as `group:*`"
    if manager == "supervisor" and (unit == "all" or any(letter.isspace() for letter in unit)):
        return "would be several to supervisorctl, which splits at blanks and takes `all` for every process: name one"
    return ""
