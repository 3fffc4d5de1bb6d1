"""Who is called next: since when a phase is red by the timeline, and which level of `[[escalation]]` that reaches. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rollproof.model.event import Entry
from rollproof.model.phase import PARTLY, PHASES
from rollproof.model.timestamps import in_words, read
from rollproof.settings.people import Escalation

_RED = (1, 3)  # exit codes
_JUDGED = ("phase", "watch")


@dataclass(frozen=True)
class Red:
    """A phase, or a watch, that is red, and the moment since when."""

    what: str
    since: datetime


def red_since(entries: Sequence[Entry]) -> Red | None:
    """Return what is red for the longest time, None if nothing is.

    A phase is until a whole run of it is good, or a later phase is judged. A run of a part, one that decided nothing, and a
    rehearsal change nothing.
    """
    red: dict[tuple[str, str], Entry] = {}
    for each in filter(_is_judged, entries):
        what, database = key = _of(each)
        if each.event.exit_code == 0:
            red.pop(key, None)
        else:
            red.setdefault(key, each)
        for earlier in [name for name in red if name[1] == database and _comes_before(name[0], what)]:
            del red[earlier]
    first = min(red.values(), key=lambda each: each.number, default=None)
    since = first and read(first.at)
    return Red(first.event.what, since) if first and since else None


def _is_judged(entry: Entry) -> bool:
    event = entry.event
    decided = event.exit_code in _RED or (event.exit_code == 0 and not event.verdict.startswith(PARTLY))
    return event.kind in _JUDGED and decided and not event.facts.get("rehearsal")


def _of(entry: Entry) -> tuple[str, str]:
    return entry.event.what, entry.event.facts.get("database", "")


def _comes_before(earlier: str, later: str) -> bool:
    names = [*PHASES]
    return earlier in names and later in names and names.index(earlier) < names.index(later)


def levels_told(levels: Sequence[Escalation], contacts: Mapping[str, str]) -> Iterator[str]:
    """Yield who is called when, a line for each level."""
    for each in levels:
        after = f"after {in_words(each.after_minutes * 60)}" if each.after_minutes else "at once"
        yield f"{after}: {_called(each, contacts)}"


def next_call(red: Red | None, levels: Sequence[Escalation], contacts: Mapping[str, str], now: datetime) -> str:
    """Return who is to be called now, and who is after them; "" if nothing is red."""
    if not red:
        return ""
    seconds = (now - red.since).total_seconds()
    took = in_words(seconds) if seconds >= 0 else "which is later than now by this machine's clock"
    told = f"{red.what} is red since {red.since:%H:%M}Z, {took}"
    if not levels:
        return f"{told}; nobody is named under [[escalation]]"
    due = [level for level in levels if red.since + timedelta(minutes=level.after_minutes) <= now]
    later = levels[len(due) :]
    calls = [f"call {_called(due[-1], contacts)}, level {len(due)} of {len(levels)}"] if due else []
    if later:
        at = red.since + timedelta(minutes=later[0].after_minutes)
        calls.append(f"{'then' if due else 'first'} at {at:%H:%M}Z {_called(later[0], contacts)}")
    return f"{told}: {'; '.join(calls)}"


def _called(level: Escalation, contacts: Mapping[str, str]) -> str:
    return f"{level.level} ({level.contact}: {contacts.get(level.contact, level.contact)})"
