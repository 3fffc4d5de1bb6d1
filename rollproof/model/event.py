"""What took place on the night of a rollback: events, and the entries of the timeline that keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

EventKind = Literal["opened", "note", "phase", "services", "command", "watch", "notice", "so_far", "closed"]

NoticeKind = Literal["opened", "so_far", "phase", "completed", "post_mortem"]
"""What people are told of."""

DECISION, PROBLEM, DONE, POST_MORTEM, TORN = "decision", "problem", "done", "post-mortem", "torn line"
"""What a note is (`Event.what`) if it is more than one; DONE has the item of the checklist as the fact `item`."""


@dataclass(frozen=True)
class LoggedStep:
    """One entry of the migration's own log; `step` is what it was about where the log says so, `problem` what is wrong with it.

    `started` is the time as the log spells it; `seconds` is None where the log lacks a start or an end.
    """

    operation: str
    step: str
    status: str
    started: str
    seconds: float | None = None
    problem: str = ""


@dataclass(frozen=True)
class Event:
    """Something that took place: `what` in a few words ("post_rollback", "services stop"), and what it came to.

    `verdict` is its word ("" where there is none), `seconds` how long it took. `text` is a sentence, `facts` are names and what is
    to be known of them: `by` who says so, `at` when it was if it is told later. `steps` are those of the migration's log, as far as
    it was read. None of them holds a value of a row, or a secret.
    """

    kind: EventKind
    what: str
    verdict: str = ""
    exit_code: int | None = None
    seconds: float | None = None
    text: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)
    steps: tuple[LoggedStep, ...] = ()


@dataclass(frozen=True)
class Entry:
    """An event in the timeline: its place in it from 1, when it was entered (UTC, ISO 8601), by whom (`user@machine`).

    `previous` is the SHA-256 of the entry before it, `sha256` that of this one with it: none can be changed, moved or taken
    away without the next ones. `sha256` is "" of what is not entered yet.
    """

    number: int
    at: str
    by: str
    event: Event
    previous: str
    sha256: str = ""

    @property
    def when(self) -> str:
        """When it took place: by whoever told it later, else when it was entered."""
        return self.event.facts.get("at") or self.at

    @property
    def who(self) -> str:
        """Who says so."""
        return self.event.facts.get("by") or self.by
