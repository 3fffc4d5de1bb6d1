"""Faults that were tried, as they come, a line each in the report folder: what `--resume` need not do again."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import msgspec

from rollproof.model.errors import Misuse
from rollproof.model.redaction import without_credentials
from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.selftest.outcome import Tried, Word
from rollproof.system.file_lock import hold
from rollproof.system.files import AS_IT_IS, NO_LINK, keep_from_others, require_regular

NAME = "selftest.jsonl"
_LOCK = ".selftest.lock"
_OPEN = os.O_WRONLY | os.O_CREAT | os.O_APPEND | AS_IT_IS | NO_LINK
ANOTHER = (
    "--resume: the self-test that was interrupted was another one (settings, role, reference, faults or version differ)"
)
NONE = "--resume: there is no self-test that was interrupted"


class _Head(msgspec.Struct, frozen=True):
    selftest: str


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    fault: str
    word: Word
    reason: str = ""
    checks: tuple[str, ...] = ()
    mend: str = ""


@dataclass
class Journal:
    """The journal of one self-test, whose `digest` tells it from others; `note` is something to know.

    It is of help only: where it cannot be written, the self-test goes on, and `note` says so.
    """

    folder: Path
    digest: str
    note: str = ""
    _file: int = -1
    _lock: int | None = field(default=None, repr=False)

    def open(self, faults: Iterable[Fault], *, resume: bool) -> tuple[Tried, ...]:
        """Begin, and return what an interrupted self-test of the same digest tried, if this one is to `resume` it.

        Raises `Misuse` if another self-test is at work in the folder.
        """
        path = self.folder / NAME
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = hold(self.folder / _LOCK)
            if self._lock is None:
                raise Misuse(
                    f"another self-test is at work in {self.folder}: wait for it, or name another --report-dir"
                )
            if path.exists():
                require_regular(path)  # a pipe would be waited for without end
            known = self._known(path) if resume else None
            self._file = os.open(path, _OPEN | (os.O_TRUNC if known is None else 0), 0o600)
            keep_from_others(self._file)
            self._write(msgspec.json.encode(_Head(self.digest)) if known is None else b"")  # ends a line that was cut
        except OSError as error:
            self._lost(error)
            return ()
        lines = known or {}
        return tuple(_tried(lines[fault.key], fault) for fault in faults if fault.key in lines)

    def _known(self, path: Path) -> Mapping[str, _Line] | None:
        """Return the lines by fault; None if there are none that count."""
        if not path.exists():
            self.note = NONE
            return None
        head, *rest = [*path.read_bytes().splitlines(), b""]
        try:
            same = msgspec.json.decode(head, type=_Head).selftest == self.digest
        except msgspec.MsgspecError:
            same = False
        if not same:
            self.note = ANOTHER
            return None
        return {line.fault: line for line in map(_line, rest) if line}

    def keep(self, tried: Tried) -> None:
        """Write down what became of a fault."""
        reason, mend = map(without_credentials, (tried.reason, tried.mend))
        line = _Line(tried.fault.key, tried.word, reason, tried.checks, mend)
        try:
            self._write(msgspec.json.encode(line))
        except OSError as error:
            self._lost(error)

    def done(self) -> None:
        """Remove the file: all of it is in the reports."""
        try:
            (self.folder / NAME).unlink(missing_ok=True)
        except OSError as error:
            self._lost(error)

    def close(self) -> None:
        """Let the next self-test write here."""
        for each in (self._file, self._lock or -1):
            if each >= 0:
                os.close(each)
        self._file, self._lock = -1, None

    def _write(self, line: bytes) -> None:
        left = line + b"\n" if self._file >= 0 else b""
        while left:
            left = left[os.write(self._file, left) :]

    def _lost(self, error: OSError) -> None:
        self.note = f"{self.folder / NAME} cannot be written ({error.strerror}): --resume will try again what it lacks"


def _line(text: bytes) -> _Line | None:
    try:
        return msgspec.json.decode(text, type=_Line)
    except msgspec.MsgspecError:  # it was written half
        return None


def _tried(line: _Line, fault: Fault) -> Tried:
    return Tried(fault, line.word, line.reason, line.checks, line.mend)


def digest_of(*parts: object) -> str:
    """Return what tells a self-test from another: a digest of all that its outcome depends on."""
    return sha256(msgspec.json.encode(parts, enc_hook=str)).hexdigest()
