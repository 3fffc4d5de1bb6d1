"""What took place on the night of a rollback: events, and the entries of the timeline that keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

EventKind = Literal["opened", "note", "phase", "services", "command", "watch", "notice", "closed"]


@dataclass(frozen=True)
class Event:
    """Something that took place: `what` in a few words ("post_rollback", "services stop"), and what it came to.

    `verdict` is its word ("" where there is none), `seconds` how long it took. `text` is a sentence, `facts` are names and what is
    to be known of them. None of them holds a value of a row, or a secret.
    """

    kind: EventKind
    what: str
    verdict: str = ""
    exit_code: int | None = None
    seconds: float | None = None
    text: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Entry:
    """An event in the timeline: its place in it from 1, when it ended (UTC, ISO 8601), by whom (`user@machine`).

    `sha256` is that of the entry before it and of all that this one says: none can be changed or taken away without the next ones.
    """

    number: int
    at: str
    by: str
    event: Event
    previous: str
    sha256: str = ""
