"""What a manager says of a service: a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

CHECK = "services"
"""The check that looks at them."""
Verb = Literal["start", "stop"]
"""What a manager is told to do."""
State = Literal["running", "stopped", "neither", "unknown to its manager"]
"""`neither`: it is starting, stopping, paused, or waits to be started again. The last: there is no such service."""
NO_SUCH: State = "unknown to its manager"


@dataclass(frozen=True)
class Status:
    """The state of a service, and the manager's own `words` for it.

    `life` is another one after each start, and "" where the manager does not tell it. `woken_by` are what is active and starts the
    service without anybody's doing (a systemd socket, timer or path); `comes_back` is when its manager starts it by itself.
    """

    state: State
    words: str
    life: str = ""
    woken_by: tuple[str, ...] = ()
    comes_back: str = ""


def together(several: Sequence[Status]) -> Status:
    """Return the status of services that are one to the user: of a group of processes. At least one is needed."""
    states = {each.state for each in several}
    return Status(
        several[0].state if len(states) == 1 else "neither",
        "; ".join(each.words for each in several),
        " ".join(each.life for each in several) if all(each.life for each in several) else "",
        tuple(name for each in several for name in each.woken_by),
        several[0].comes_back,
    )
