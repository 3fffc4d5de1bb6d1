"""The timeline of a report folder: one line for each event, each sealed with the one before it, never rewritten."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from rollproof.model.errors import Misuse
from rollproof.model.event import Entry, Event
from rollproof.system.file_lock import hold
from rollproof.system.files import contents
from rollproof.system.user import user_at_machine

FILE = "timeline.jsonl"
_MOST = 2**26  # bytes of a timeline
_TURN = 10.0  # seconds to wait for another writer


def read(folder: Path) -> tuple[Entry, ...]:
    """Return all entries, the oldest first; none if there is no timeline.

    Raises `Misuse` if it was tampered with, or cannot be read.
    """
    path = folder / FILE
    try:
        lines = contents(path, _MOST).splitlines() if path.exists() else []
    except OSError as error:
        raise Misuse(f"the timeline {path} cannot be read: {error.strerror or error}") from error
    return tuple(_entries(path, lines))


def _entries(path: Path, lines: Sequence[bytes]) -> Iterator[Entry]:
    previous = ""
    for number, line in enumerate(lines, 1):
        try:
            entry = msgspec.json.decode(line, type=Entry)
        except (ValueError, RecursionError) as error:
            raise Misuse(f"the timeline {path} is damaged: line {number} is no entry") from error
        if (entry.number, entry.previous, entry.sha256) != (number, previous, _seal(entry)):
            raise Misuse(f"the timeline {path} was changed: entry {number} does not follow from the one before it")
        previous = entry.sha256
        yield entry


def _seal(entry: Entry) -> str:
    return hashlib.sha256(msgspec.json.encode(replace(entry, sha256=""), order="deterministic")).hexdigest()


def open_since(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries of the incident that is open, from its opening on; none if none is."""
    for place in range(len(entries) - 1, -1, -1):
        if entries[place].event.kind == "closed":
            break
        if entries[place].event.kind == "opened":
            return tuple(entries[place:])
    return ()


def entry_of(event: Event, entries: Sequence[Entry]) -> Entry:
    """Return the entry that an event is if it is added now."""
    now = datetime.now(tz=UTC).isoformat(timespec="milliseconds")
    last = entries[-1].sha256 if entries else ""
    entry = Entry(len(entries) + 1, now, user_at_machine(), event, last)
    return replace(entry, sha256=_seal(entry))


def append(folder: Path, event: Event) -> Entry:
    """Add an event at the end of the timeline, and return its entry. Raises `Misuse` as `read` does, and `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    held = hold(folder / f".{FILE}.lock", seconds=_TURN)
    try:
        entry = entry_of(event, read(folder))
        with (folder / FILE).open("ab") as file:
            file.write(msgspec.json.encode(entry, order="deterministic") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return entry
    finally:
        if held:
            os.close(held)
