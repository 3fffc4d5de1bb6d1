"""Outcomes of a fleet as they come, a line each in the results folder: what `--resume` need not do again."""

import os
from collections.abc import Iterator
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

import msgspec

from rollproof.model.errors import Misuse
from rollproof.sources.signature import Key
from rollproof.system.file_lock import hold
from rollproof.system.files import AS_IT_IS, NO_LINK, keep_from_others, require_regular
from rollproof.verdict.fleet.target_outcome import TargetOutcome

NAME = "fleet.jsonl"
_LOCK = ".fleet.lock"
_PURPOSE = b"rollproof fleet outcome\n"  # a key signs baselines, too
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_APPEND | AS_IT_IS | NO_LINK
_DECIDED = (0, 1)
"""Exit codes of verdicts that another look would not change: all else is done again."""


class Line(msgspec.Struct, frozen=True):
    """One target's outcome, the `digest` of all that it was decided by beside its database, and the `seal` of both."""

    digest: str
    outcome: TargetOutcome
    seal: str = ""


class Journal:
    """The journal of one run in a folder, which no other fleet writes to meanwhile.

    A line whose seal is not right is none. With a `key` (that of the baselines) nobody else can make one; without it the seal
    tells a line that was changed by somebody who did not mean to. `problem` is why a line could not be written, "" if all were.
    """

    def __init__(self, folder: Path, key: Key | None = None) -> None:
        self.folder = folder
        self.problem = ""
        self._key = key
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
            if path.exists():
                require_regular(path)  # a pipe would be waited for without end
            known = dict(self._lines(path)) if resume else {}  # the last line of a target counts
            self._file = os.open(path, _WRITE | (0 if resume else os.O_TRUNC), 0o600)
            keep_from_others(self._file)
            if resume:
                self._write(b"")  # ends a line that a killed run left half written
        except OSError as error:
            raise Misuse(
                f"nothing can be written to {self.folder}: {error.strerror}; name another --report-dir"
            ) from error
        return {name: line for name, line in known.items() if is_decided(line.outcome)}

    def keep(self, digest: str, outcome: TargetOutcome) -> None:
        """Add a line. Where that cannot be, the run goes on, and `problem` says why: its reports need no journal."""
        try:
            self._write(msgspec.json.encode(Line(digest, outcome, self._seal(digest, outcome))))
        except OSError as error:
            self.problem = (
                f"NOT written: {self.folder / NAME}: {error.strerror}; --resume will verify again what it lacks"
            )

    def _write(self, line: bytes) -> None:
        left = line + b"\n"
        while left:
            left = left[os.write(self._file, left) :]

    def _seal(self, digest: str, outcome: TargetOutcome) -> str:
        body = msgspec.json.encode(Line(digest, outcome))
        return self._key.sign(_PURPOSE + body) if self._key else sha256(_PURPOSE + body).hexdigest()

    def _lines(self, path: Path) -> Iterator[tuple[str, Line]]:
        """Yield what was written, in its order."""
        if not path.exists():
            return
        with path.open("rb") as lines:
            for text in lines:
                try:
                    line = msgspec.json.decode(text, type=Line)
                except msgspec.MsgspecError:
                    continue
                if compare_digest(line.seal.encode(), self._seal(line.digest, line.outcome).encode()):
                    yield line.outcome.name, line

    def close(self) -> None:
        """Let the next fleet write here."""
        for each in (self._file, self._lock or -1):
            if each >= 0:
                os.close(each)
        self._file, self._lock = -1, None


def is_decided(outcome: TargetOutcome) -> bool:
    """Tell whether a target need not be done again."""
    return outcome.exit_code in _DECIDED
