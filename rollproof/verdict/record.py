"""The record of an incident, as values: what was decided, done and found, by the timeline's entries. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rollproof.model.event import DECISION, DONE, PROBLEM, Entry, LoggedStep
from rollproof.settings.people import Escalation
from rollproof.verdict.escalation import levels_told, next_call, red_since

AREAS = ("integrity", "application", "performance")
"""What the procedure validates; the facts of a phase's event tell each (`verdict.validation`)."""
_RED = (1, 3)  # exit codes


@dataclass(frozen=True)
class Record:
    """An incident: its entries from the opening on, whom to reach, who is called when, and who is next now ("": nobody)."""

    entries: tuple[Entry, ...]
    contacts: Mapping[str, str] = field(default_factory=dict)
    escalation: tuple[str, ...] = ()
    next_call: str = ""

    @property
    def opening(self) -> Entry:
        """The entry that opened it."""
        return self.entries[0]

    @property
    def is_open(self) -> bool:
        """Whether nobody closed it."""
        return self.end is None

    @property
    def end(self) -> Entry | None:
        """The entry that closed it; None if it is open."""
        return next((each for each in self.entries if each.event.kind == "closed"), None)

    @property
    def head(self) -> str:
        """The SHA-256 of the last entry that is entered."""
        return next((each.sha256 for each in reversed(self.entries) if each.sha256), "")

    @property
    def stakeholders(self) -> tuple[str, ...]:
        """Who has to know of it."""
        return tuple(filter(None, self.opening.event.facts.get("stakeholders", "").split("\n")))

    @property
    def decisions(self) -> tuple[Entry, ...]:
        """What was decided, in the order in which it was; the opening and the end are decisions, too."""
        named = [
            each for each in self.entries if each.event.what == DECISION or each.event.kind in ("opened", "closed")
        ]
        return tuple(sorted(named, key=lambda each: each.when))

    @property
    def problems(self) -> tuple[Entry, ...]:
        """What somebody called a problem, and what ended badly."""
        return tuple(each for each in self.entries if each.event.what == PROBLEM or each.event.exit_code in _RED)

    @property
    def done(self) -> Mapping[str, Entry]:
        """The items of the checklist that somebody ticked, each with the latest entry that says so."""
        return {each.event.facts.get("item", ""): each for each in self.entries if each.event.what == DONE}

    @property
    def steps(self) -> tuple[LoggedStep, ...]:
        """The steps of the migration's log, as the latest run read them that did."""
        return next((each.event.steps for each in reversed(self.entries) if each.event.steps), ())

    @property
    def validation(self) -> Entry | None:
        """The latest run of a phase, no rehearsal; None if there is none."""
        phases = (each for each in reversed(self.entries) if each.event.kind == "phase")
        return next((each for each in phases if not each.event.facts.get("rehearsal")), None)


def record_of(
    entries: Sequence[Entry], contacts: Mapping[str, str], levels: Sequence[Escalation], now: datetime
) -> Record | None:
    """Return the record of the incident that these entries are; None if there are none."""
    if not entries:
        return None
    found = Record(tuple(entries), dict(contacts), tuple(levels_told(levels, contacts)))
    called = next_call(red_since(entries), levels, contacts, now) if found.is_open else ""
    return Record(found.entries, found.contacts, found.escalation, called)
