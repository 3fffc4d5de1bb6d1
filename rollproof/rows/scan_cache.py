"""Fingerprints on disk, beside the reports: `--resume` does not scan again what an interrupted run has scanned."""

import os
import re
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from rollproof.model.errors import Misuse
from rollproof.model.timestamps import shown
from rollproof.rows.row_hash import ALGORITHM
from rollproof.rows.scan import Content
from rollproof.rows.unchanged import ScannedTable
from rollproof.system.files import AS_IT_IS, NO_LINK, contents

FILE = "fingerprints.jsonl"
# Whoever can write the folder may have put something else there meanwhile.
_ADD = os.O_WRONLY | os.O_APPEND | os.O_CREAT | AS_IT_IS | NO_LINK | getattr(os, "O_NONBLOCK", 0)
_MOST = 2**28  # bytes: a line for each of a million tables
_ANCHOR = re.compile(r"\d{1,20}:\d{1,20}:[\d,]*")
_PRINT = re.compile(rf"{ALGORITHM}:-?\d{{1,60}}")


class ScanCache:
    """The file of fingerprints. Lines are only appended, so only the last one can be cut short by a kill; it is ignored.

    Without `resume` an earlier run's file is removed first. Safe to use from several threads.
    """

    def __init__(self, path: Path, *, resume: bool) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._lines: dict[str, ScannedTable] = {}
        self._recalled: list[str] = []
        if resume:
            self._load()
        else:
            self.forget()

    def _load(self) -> None:
        try:
            held = contents(self._path, _MOST)
        except FileNotFoundError:
            return
        except OSError as error:
            raise Misuse(
                f"--resume: what was read before is in {self._path}, and {error.strerror}\nrun again without --resume"
            ) from error
        for text in held.splitlines():
            with suppress(ValueError, RecursionError):  # of a line that is no line of ours nothing is believed
                line = msgspec.json.decode(text, type=ScannedTable)
                if _ANCHOR.fullmatch(line.anchor.snapshot) and _PRINT.fullmatch(line.fingerprint):
                    self._lines[line.anchor.identity] = line

    def line(self, identity: str) -> ScannedTable | None:
        """Return an earlier run's line about this table, however old; None if there is none."""
        return self._lines.get(identity)

    def recall(self, line: ScannedTable) -> Content:
        """Return the line's content, and remember that the table is not scanned again."""
        with self._lock:
            self._recalled.append(line.anchor.taken)
        return line.content

    def keep(self, line: ScannedTable) -> None:
        """Append a table. A file that cannot be written is no error: only `--resume` needs it."""
        with self._lock, suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(self._path, _ADD, 0o600), "wb") as file:
                file.write(msgspec.json.encode(line) + b"\n")

    def forget(self) -> None:
        """Remove the file: the verification is complete, or starts anew."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    @property
    def notes(self) -> tuple[str, ...]:
        """A note for the report that rows of several instants were compared."""
        if not self._recalled:
            return ()
        tables = "1 table was" if len(self._recalled) == 1 else f"{len(self._recalled)} tables were"
        told = (
            f"--resume: {tables} not read again; what is said of their rows is of {shown(min(self._recalled))}, "
            "so several instants were seen (their rows are the same now: no transaction that was finished since wrote one of them)"
        )
        return (told,)
