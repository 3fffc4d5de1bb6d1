"""One `[[services]]` of `rollproof.toml`: a service of the application, where it runs, and in which state each phase wants it."""

from typing import Annotated, Literal

import msgspec

from rollproof.model.phase import PHASES

ServiceState = Literal["running", "stopped", "any"]


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A service of the application; all that uses the database is stopped before a rollback, and runs after it.

    `unit` is what the `manager` on its `host` calls it, by default its name. `host` is `local`, or an address of pytest-testinfra:
    `ssh://user@host`, `docker://container`, `kubectl://pod`. `states` says for a phase which state it wants (`running` by default,
    `stopped` before a rollback). It is stable if it was not started again for `stable_seconds`.
    """

    name: str
    manager: str
    unit: str | None = None
    host: str = "local"
    states: dict[str, ServiceState] = {}
    stable_seconds: Annotated[float, msgspec.Meta(ge=0)] = 5.0

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable():
            raise ValueError("a service's name is empty or not printable")
        if strange := sorted(set(self.states) - set(PHASES)):
            raise ValueError(f"service {self.name!r}: {strange[0]!r} is no phase; the phases are {', '.join(PHASES)}")

    def wanted(self, phase: str) -> ServiceState:
        """Return the state that a phase wants."""
        return self.states.get(phase, "stopped" if PHASES[phase].next_step == "rollback" else "running")
