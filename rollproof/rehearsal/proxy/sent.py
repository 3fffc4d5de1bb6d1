"""A statement that a tool sent to the server, and the place where a connection is cut."""

from dataclasses import dataclass
from typing import Literal

How = Literal["before", "after", "kill"]
"""A connection is cut before a statement reaches the server, after it was done but before its answer, or its server process is
killed while it runs."""


@dataclass(frozen=True)
class Sent:
    """The `number`th statement of a run (from 1, over all its sessions, in the order in which the server got them).

    `began` is in seconds since the run began, `seconds` how long the server took (None: no answer came). `parameters` are those of
    the extended protocol as text, None for NULL. `tag` is the server's answer ("INSERT 0 1"), `error` its message.
    """

    number: int
    session: int
    text: str
    parameters: tuple[str | None, ...] = ()
    began: float = 0.0
    seconds: float | None = None
    tag: str = ""
    error: str = ""


@dataclass(frozen=True)
class Cut:
    """Where the connection is cut: at the `number`th statement."""

    number: int
    how: How
