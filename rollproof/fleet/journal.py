"""Outcomes of a fleet as they come, a line each in the results folder: what `--resume` need not do again."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rollproof.model.errors import Misuse
from rollproof.system.file_lock import hold
from rollproof.system.files import keep_from_others
from rollproof.verdict.fleet.target_outcome import TargetOutcome

NAME = "fleet.jsonl"
_LOCK = ".fleet.lock"
_DECIDED = (0, 1)
"""Exit codes of verdicts that another look would not change: all else is done again."""


class Line(msgspec.Struct, frozen=True):
    """One target's outcome, and the `digest` of all that it was decided by beside its database."""

    digest: str
    outcome: TargetOutcome


class Journal:
    """The journal of one run in a folder, which no other fleet writes to meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = -1
        self._lock: int | None = None

    def open(self, *, resume: bool) -> dict[str, Line]:
        """Begin, and return what earlier runs decided, by name; nothing unless this run is to `resume`.

        Raises `Misuse` if another fleet is at work in the folder, or it cannot be written to.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = hold(self.folder / _LOCK)
            if self._lock is None:
                raise Misuse(f"another fleet is at work in {self.folder}: wait for it, or name another --report-dir")
            path = self.folder / NAME
            known = dict(_decided(path)) if resume else {}
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | (0 if resume else os.O_TRUNC), 0o600)
            keep_from_others(self._file)
            if resume:
                self._write(b"")  # ends a line that a killed run left half written
        except OSError as error:
            raise Misuse(
                f"nothing can be written to {self.folder}: {error.strerror}; name another --report-dir"
            ) from error
        return known

    def keep(self, digest: str, outcome: TargetOutcome) -> None:
        """Add a line, whole or not at all."""
        self._write(msgspec.json.encode(Line(digest, outcome)))

    def _write(self, line: bytes) -> None:
        os.write(self._file, line + b"\n")

    def close(self) -> None:
        """Let the next fleet write here."""
        for each in (self._file, self._lock or -1):
            if each >= 0:
                os.close(each)
        self._file, self._lock = -1, None


def _decided(path: Path) -> Iterator[tuple[str, Line]]:
    """Yield what is decided; the last line of a target counts, and one that is no whole line is none."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for text in lines:
            try:
                line = msgspec.json.decode(text, type=Line)
            except msgspec.MsgspecError:
                continue
            yield line.outcome.name, line


def is_decided(outcome: TargetOutcome) -> bool:
    """Tell whether a target need not be done again."""
    return outcome.exit_code in _DECIDED
