"""One `[[commands]]` of `rollproof.toml`: a command of the user's, most often a test suite, that a phase runs as a check."""

from typing import Annotated

import msgspec

from rollproof.model.phase import DEFAULT_PHASE, PHASES


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shell command that ends with `status` within `max_seconds`; it is run in the folder of the configuration.

    `junit` is the JUnit file that it writes, whose cases the reports then show.
    """

    name: str
    command: str
    phases: tuple[str, ...] = (DEFAULT_PHASE.name,)
    status: int = 0
    max_seconds: Annotated[float, msgspec.Meta(gt=0)] = 600.0
    junit: str | None = None

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable():
            raise ValueError("a command's name is empty or not printable")
        if strange := sorted(set(self.phases) - set(PHASES)):
            raise ValueError(f"command {self.name!r}: {strange[0]!r} is no phase; the phases are {', '.join(PHASES)}")

    def __repr__(self) -> str:
        return f"<Command {self.name!r}>"  # the command may hold a password
