"""What is known of crash points from a rehearsal that was interrupted: a file in the report folder, a line for each."""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from rollproof.model.redaction import hidden, without_credentials
from rollproof.rehearsal.crash_point import CrashPoint
from rollproof.rehearsal.proxy.sent import Cut

NAME = "crash-points.jsonl"
_PASSED_OVER = frozenset({"__pycache__", "node_modules"})
_MOST = 20_000  # files of a folder that are looked at


class _Head(msgspec.Struct, frozen=True):
    seal: str


@dataclass
class Journal:
    """The results of one rehearsal, as long as it is not done. `seal` tells whether an interrupted one was of the same."""

    file: Path
    seal: str
    known: Mapping[tuple[str, int, str, str], CrashPoint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = {place_of(point.of, point.cut): point for point in self._read()}
        if not self.known:
            with contextlib.suppress(OSError):  # it can be done without
                self.file.parent.mkdir(parents=True, exist_ok=True)
                self.file.write_bytes(msgspec.json.encode(_Head(self.seal)) + b"\n")

    def _read(self) -> Iterable[CrashPoint]:
        try:
            head, *lines = self.file.read_bytes().splitlines()
            if msgspec.json.decode(head, type=_Head).seal != self.seal:
                return
        except (OSError, ValueError, msgspec.MsgspecError):
            return
        for line in lines:
            try:
                yield msgspec.json.decode(line, type=CrashPoint)
            except msgspec.MsgspecError:  # it was written half
                return

    def keep(self, point: CrashPoint) -> None:
        """Write down a result."""
        with contextlib.suppress(OSError), self.file.open("ab") as file:
            file.write(msgspec.json.encode(hidden(point, without_credentials)) + b"\n")

    def done(self) -> None:
        """Remove the file: all results are in the report."""
        with contextlib.suppress(OSError):
            self.file.unlink()


def place_of(of: str, cut: Cut) -> tuple[str, int, str, str]:
    """Return what is the same about a place in every rehearsal: not how long the statement ran."""
    return of, cut.number, cut.how, cut.instead


def seal(folder: Path, reports: Path, *parts: Iterable[str] | bytes) -> str:
    """Return a digest of what must be the same for a result to hold: these parts, and a folder's files but for its reports."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else msgspec.json.encode(list(part)))
    for line in _files(folder, reports.absolute()):
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(folder: Path, reports: Path) -> Iterable[str]:
    seen = 0
    for place, folders, names in os.walk(folder.absolute()):
        kept = (each for each in folders if each not in _PASSED_OVER and not each.startswith("."))
        folders[:] = sorted(each for each in kept if Path(place) / each != reports)
        for name in sorted(names):
            seen += 1
            if seen > _MOST:
                return
            with contextlib.suppress(OSError):
                status = (Path(place) / name).stat()
                yield f"{place}/{name} {status.st_size} {status.st_mtime_ns}\n"
