"""The record of an incident, as values: what was decided, done and found, by the timeline's entries. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rollproof.model.event import Entry


@dataclass(frozen=True)
class Record:
    """An incident: its entries from the opening on, whom to reach, and who is called when."""

    entries: tuple[Entry, ...]
    contacts: Mapping[str, str] = field(default_factory=dict)
    escalation: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether nobody closed it."""
        return self.entries[-1].event.kind != "closed"


def record_of(entries: Sequence[Entry], contacts: Mapping[str, str]) -> Record | None:
    """Return the record of the incident that these entries are; None if there are none."""
    return Record(tuple(entries), dict(contacts)) if entries else None
