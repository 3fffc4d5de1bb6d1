"""Who is told: `[[escalation]]` and `[notify]` of `rollproof.toml`; `[contacts]` is names with how they are reached."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated

import msgspec

from rollproof.model.errors import did_you_mean
from rollproof.model.event import NoticeKind
from rollproof.model.phase import BEFORE_ROLLBACK


class Escalation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is called next if a phase is still red `after_minutes`; `contact` is a key of `[contacts]`."""

    level: str
    contact: str
    after_minutes: Annotated[float, msgspec.Meta(ge=0)]


class Notify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where notices go: addresses as apprise takes them, which may hold `${VAR}`, and on what `events`."""

    urls: tuple[str, ...] = ()
    events: tuple[NoticeKind, ...] = ("opened", "so_far", "phase", "completed", "post_mortem")
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 10.0

    def __repr__(self) -> str:
        return "Notify(…)"  # the addresses hold tokens


class ByHand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of the checklist that a person ticks: `[[checklist]]`."""

    item: str
    phase: str = BEFORE_ROLLBACK


def mistake_in(levels: Sequence[Escalation], contacts: Mapping[str, str]) -> str:
    """Return what is wrong with the levels: a contact that nobody named, or an order that is none; "" if nothing is."""
    for level in levels:
        if level.contact not in contacts:
            known = did_you_mean(level.contact, contacts) or f"; named are: {', '.join(contacts) or 'none'}"
            return f"[[escalation]] {level.level!r} calls {level.contact!r}, which is not under [contacts]{known}"
    for before, level in pairwise(levels):
        if level.after_minutes <= before.after_minutes:
            told = f"{before.level!r} after {before.after_minutes:g} min, then {level.level!r} after {level.after_minutes:g}"
            return f"[[escalation]] levels are in the order in which they are called, each later than the one before: {told}"
    return ""
