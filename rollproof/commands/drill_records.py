"""Records of drills: that on this day a way back was tried, and what came of it. Sealed with their SHA-256, signed with a key.

They stand in `drills/` of the report folder, which no run empties. A record that was changed, or that is not signed although a
key is given, is not believed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from rollproof import __version__
from rollproof.model.errors import Misuse
from rollproof.settings.configuration import Configured
from rollproof.sources.signature import Key, read_key
from rollproof.system.files import contents, replace_file
from rollproof.system.user import machine, user

FORMAT = 1
"""Raised when an older rollproof could misread a newer record."""
FOLDER = "drills"
GOOD = "VERIFIED"
"""The verdict of a drill that counts; one of a part does not."""
_MOST = 2**20  # bytes of a record


@dataclass(frozen=True, kw_only=True)
class Drill:
    """A rehearsal, or a restore that was verified.

    `when` is when it ended, by the clock of the machine that it ran on. `project` is `[drill] name`, else the name of the folder.
    `left_out` says why a good verdict is of a part. `rollback_seconds` is how long the rollback's commands ran; nobody knows it of
    a restore. `report_sha256` is that of its rehearsal.json, or result.json.
    """

    kind: Literal["rehearsal", "restore"]
    when: str
    project: str
    verdict: str
    source: str
    source_kind: str
    servers: tuple[str, ...]
    tool: str = ""
    revisions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    seconds: float = 0.0
    rollback_seconds: float | None = None
    longest_wait_seconds: float = 0.0
    wal_bytes: int = 0
    report_sha256: str = ""
    by: str = ""
    rollproof: str = __version__

    @property
    def is_good(self) -> bool:
        """Whether all came back that there was."""
        return self.verdict == GOOD and not self.left_out

    @property
    def ended(self) -> datetime:
        """When it ended. Raises `ValueError` if the record tells no time."""
        return datetime.fromisoformat(self.when).astimezone(UTC)


class _File(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    format: int
    sha256: str
    drill: msgspec.Raw
    signature: str = ""


@dataclass(frozen=True)
class Record:
    """A drill and its file; `is_signed` says that the key at hand signed it."""

    drill: Drill
    path: Path
    is_signed: bool


@dataclass(frozen=True)
class Refused:
    """A file that is not believed, and why."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path} is not believed: {self.reason}"


def now() -> str:
    """Return what a record that is made now says of the time."""
    return datetime.now(tz=UTC).isoformat(timespec="milliseconds")


def who() -> str:
    """Return who makes a record, and where."""
    return f"{user()}@{machine()}"


def project(asked: Configured) -> str:
    """Return what this project is called."""
    return asked.settings.drill.name or asked.folder.resolve().name


def key(asked: Configured, typed: str | None = None) -> Key | None:
    """Return the key that signs records, None if none was named. Raises `Misuse` if the file is no key."""
    if typed:
        return read_key(typed, "--sign")
    named = asked.settings.drill.sign
    return read_key(str(asked.folder / named), "[drill] sign") if named else None


def leave(folder: Path, drill: Drill, key: Key | None) -> Path:
    """Write a record into the report folder, and return its path. Raises `OSError`."""
    body = msgspec.json.encode(drill)
    signature = key.sign(body) if key else ""
    file = _File(FORMAT, hashlib.sha256(body).hexdigest(), msgspec.Raw(body), signature)
    stamp = drill.ended.strftime("%Y-%m-%dT%H%M%S.%f")[:-3]
    path = folder / FOLDER / f"{stamp}Z-{drill.kind}-{drill.verdict.lower().replace(' ', '-')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, msgspec.json.encode(file) + b"\n")
    return path


def records(folder: Path, key: Key | None) -> tuple[list[Record], list[Refused]]:
    """Return the records in a report folder that are to be believed, the oldest first, and those that are not.

    Raises `Misuse` if the folder cannot be read.
    """
    kept: list[Record] = []
    refused: list[Refused] = []
    for path in _files(folder / FOLDER):
        try:
            kept.append(_believed(path, key))
        except OSError as error:
            refused.append(Refused(path, error.strerror or str(error)))
        except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors
            refused.append(Refused(path, str(error)))
    return sorted(kept, key=lambda each: each.drill.ended), refused


def _files(folder: Path) -> Sequence[Path]:
    try:
        return sorted(folder.glob("*.json"))
    except OSError as error:
        raise Misuse(f"the records in {folder} cannot be read: {error.strerror}") from error


def _believed(path: Path, key: Key | None) -> Record:
    file = msgspec.json.decode(contents(path, _MOST), type=_File)
    if file.format > FORMAT:
        raise ValueError(f"it has format {file.format}, and this rollproof reads up to {FORMAT}")
    body = bytes(file.drill)
    if hashlib.sha256(body).hexdigest() != file.sha256:
        raise ValueError("it was changed after it was sealed (its SHA-256 does not match)")
    if key and not key.signed(body, file.signature):
        raise ValueError("it is signed with another key" if file.signature else "it is not signed")
    drill = msgspec.json.decode(body, type=Drill)
    if msgspec.json.encode(msgspec.json.decode(body)) != body:
        raise ValueError("something stands there twice")
    drill.ended  # noqa: B018 (a time that is none is refused here)
    return Record(drill, path, bool(key))


def told(drill: Drill) -> Iterator[str]:
    """Yield what a record says, in lines."""
    seconds = "" if drill.rollback_seconds is None else f", the rollback took {drill.rollback_seconds:,.1f} s"
    yield f"{drill.kind} of {drill.source} on {', '.join(drill.servers)}, {drill.when}, by {drill.by}: {drill.verdict}{seconds}"
    yield from (f"left out: {each}" for each in drill.left_out)
