"""A statement that a tool sent to the server, and the place where a connection is cut."""

from dataclasses import dataclass
from typing import Literal

How = Literal["before", "after", "kill"]
"""All connections are cut before a statement reaches the server, or after it was done but before its answer; or the server process
of its session is ended while it runs it, after which the tool may connect again."""

Status = Literal["", "idle", "open", "failed"]
"""Of a session's transaction: there is none, one is open, one has failed; "" if the server did not say."""


@dataclass(frozen=True)
class Sent:
    """The `number`th statement of a run (from 1, over all its sessions, in the order in which the server got them).

    A text of several statements that is sent in one piece is one, and `tag` then has the server's answers one after the other,
    as "CREATE TABLE; INSERT 0 1". `began` is in seconds since the run began, `seconds` how long the server took (None: no answer
    came). `parameters` are those of the extended protocol as text, None for NULL. `error` is the server's message. `before` and
    `after` are the session's transaction before the statement and after it. Of a long text or parameter its beginning is kept.
    """

    number: int
    session: int
    text: str
    parameters: tuple[str | None, ...] = ()
    began: float = 0.0
    seconds: float | None = None
    tag: str = ""
    error: str = ""
    before: Status = ""
    after: Status = ""


@dataclass(frozen=True)
class Cut:
    """Where the connection is cut: at the `number`th statement; `seconds` is for how long it runs before its process is killed.

    `instead` is a text that the server is told in its place, and which ends the server's process itself.
    """

    number: int
    how: How
    seconds: float = 0.0
    instead: str = ""
