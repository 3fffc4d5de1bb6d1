"""The timeline of a report folder: one line for each event, each sealed with the one before it, never rewritten.

A line is JSON with the entry and its SHA-256, which is of the entry's very bytes; the entry names the SHA-256 of the one before it.
What a power cut tore stays where it is: the next entry says so, with the SHA-256 of what is left of that line.
"""

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec

from rollproof.model.errors import Misuse
from rollproof.model.event import TORN, Entry, Event
from rollproof.system.file_lock import hold
from rollproof.system.files import AS_IT_IS, NO_LINK, contents
from rollproof.system.user import user_at_machine

FILE = "timeline.jsonl"
FORMAT = 1
"""Raised when an older rollproof could misread a newer entry."""
_MOST = 2**26  # bytes of a timeline
_TURN = 10.0  # seconds to wait for another writer
_ENTRY = msgspec.json.Decoder(Entry)


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    sha256: str
    entry: msgspec.Raw


_LINE = msgspec.json.Decoder(_Line)


class NoEntry(Misuse):
    """A line of the timeline is not what was written, or does not follow from the one before it."""


@dataclass(frozen=True)
class Chain:
    """The entries of a timeline that follow from one another, the oldest first; `torn` is what is left of a line cut off."""

    entries: tuple[Entry, ...]
    torn: bytes = b""

    @property
    def head(self) -> str:
        """The SHA-256 of the last entry; "" if there is none."""
        return self.entries[-1].sha256 if self.entries else ""


def read(folder: Path) -> tuple[Entry, ...]:
    """Return all entries, the oldest first; none if there is no timeline. Raises `Misuse` as `chain` does."""
    return chain(folder).entries


def chain(folder: Path) -> Chain:
    """Return the timeline. Raises `NoEntry` if it was tampered with, `Misuse` if it cannot be read."""
    path = folder / FILE
    try:
        held = contents(path, _MOST) if path.exists() else b""
    except OSError as error:
        raise Misuse(f"the timeline {path} cannot be read: {error.strerror or error}") from error
    entries: list[Entry] = []
    strange: list[bytes] = []  # lines since the last entry that are none
    for place, line in enumerate(held.removesuffix(b"\n").split(b"\n") if held else (), 1):
        if entry := _entry(path, place, line):
            _require_next(path, place, entry, (entries, strange))
            entries.append(entry)
            strange = []
        elif line:
            strange.append(line)
    if strange and held.endswith(b"\n"):  # what was cut off has no end
        raise _damaged(path, f"line {place} is no entry")
    return Chain(tuple(entries), b"\n".join(strange))


def _entry(path: Path, place: int, line: bytes) -> Entry | None:
    """Return the entry of a line, None for one that is not whole. Raises `NoEntry` if it is not what was sealed."""
    try:
        found = _LINE.decode(line)
    except (ValueError, RecursionError):
        return None
    if found.format > FORMAT:
        raise Misuse(f"a newer rollproof wrote {path}, in format {found.format}; this one reads {FORMAT}")
    try:
        if _seal(bytes(found.entry)) == found.sha256:
            return replace(_ENTRY.decode(found.entry), sha256=found.sha256)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"line {place} is no entry") from error
    raise _damaged(path, f"line {place} is not what was sealed (its SHA-256 does not match)")


def _require_next(path: Path, place: int, entry: Entry, before: tuple[Sequence[Entry], Sequence[bytes]]) -> None:
    """Raise `NoEntry` unless an entry follows from those before it, and tells of the lines between that are none."""
    entries, strange = before
    if strange and entry.event.facts.get("torn_sha256") != _seal(b"\n".join(strange)):
        raise _damaged(path, f"line {place - 1} is no entry")
    if (entry.number, entry.previous) != (len(entries) + 1, entries[-1].sha256 if entries else ""):
        raise _damaged(path, f"line {place} does not follow from the entry before it")


def _damaged(path: Path, what: str) -> NoEntry:
    return NoEntry(
        f"the timeline {path} was changed: {what}; "
        "keep the file as it is, under another name, and open a new incident: `rollproof incident open`"
    )


def _seal(entry: bytes) -> str:
    return hashlib.sha256(entry).hexdigest()


def incidents(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], ...]:
    """Return the entries of each incident, from its opening on; what was told after its end belongs to it."""
    places = [place for place, entry in enumerate(entries) if entry.event.kind == "opened"]
    return tuple(tuple(entries[begin:end]) for begin, end in pairwise([*places, len(entries)]))


def open_since(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries of the incident that is open, from its opening on; none if none is."""
    last = incidents(entries)[-1:]
    return () if not last or any(entry.event.kind == "closed" for entry in last[0]) else last[0]


def entry_of(event: Event, entries: Sequence[Entry]) -> Entry:
    """Return the entry that an event is if it is added now, but for its SHA-256."""
    now = datetime.now(tz=UTC).isoformat(timespec="milliseconds")
    return Entry(len(entries) + 1, now, user_at_machine(), event, entries[-1].sha256 if entries else "")


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """A context in which nobody else adds to the timeline. Raises `OSError`, `TimeoutError` if another writer does not end."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | NO_LINK | AS_IT_IS, 0o600))
    held = hold(path, seconds=_TURN)
    if held is None:
        raise TimeoutError(errno.EBUSY, f"another process has been writing to {path} for {_TURN:.0f} s")
    try:
        yield
    finally:
        if held:
            os.close(held)


def append(folder: Path, *events: Event) -> tuple[Entry, ...]:
    """Add events at the end of the timeline, in one's `turn`, and return all entries.

    Raises `Misuse` as `chain` does, and `OSError`; then nothing was added.
    """
    found = chain(folder)
    entries = list(found.entries)
    lines = []
    for each in (*_of_torn(found), *events):
        line, entry = _sealed(entry_of(each, entries))
        lines.append(line)
        entries.append(entry)
    _write(folder / FILE, b"".join(lines))
    return tuple(entries)


def _of_torn(found: Chain) -> Iterator[Event]:
    if found.torn:
        text = f"the last line was torn ({len(found.torn)} bytes), as by a power cut: one event is missing here"
        yield Event("note", TORN, text=text, facts={"torn_sha256": _seal(found.torn)})


def _sealed(entry: Entry) -> tuple[bytes, Entry]:
    told = {key: value for key, value in msgspec.to_builtins(entry).items() if key != "sha256"}
    body = msgspec.json.encode(told)
    line = _Line(FORMAT, _seal(body), msgspec.Raw(body))
    return msgspec.json.encode(line) + b"\n", replace(entry, sha256=line.sha256)


def _write(path: Path, lines: bytes) -> None:
    """Put whole lines at the end of the file, and onto the disk: all or nothing."""
    handle = os.open(path, os.O_RDWR | os.O_APPEND | NO_LINK | AS_IT_IS)
    try:
        before = os.lseek(handle, 0, os.SEEK_END)
        if before:
            os.lseek(handle, -1, os.SEEK_END)
            lines = lines if os.read(handle, 1) == b"\n" else b"\n" + lines
        try:
            _write_all(handle, lines)
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, before)
            raise
    finally:
        os.close(handle)


def _write_all(handle: int, lines: bytes) -> None:
    """Write in one step; what a full disk takes of it is not enough. Raises `OSError`."""
    if os.write(handle, lines) < len(lines):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
