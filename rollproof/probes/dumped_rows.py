"""The rows of each table in a dump: pg_restore reads all of it and restores nothing, and its lines are counted."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from rollproof.model.errors import Inconclusive
from rollproof.model.names import respelled
from rollproof.system.child_process import ChildProcess

_NAME = rb'(?:"(?:[^"]|"")+"|[^\s."(]+)'
_COPY = re.compile(rb"COPY (" + _NAME + rb"\." + _NAME + rb") +(?:\(.*\) +)?FROM stdin;\n", re.DOTALL)
_END = b"\\.\n"
_LOOK = 2**16  # lines after which somebody looks at the time
_LONGEST = 2**20  # bytes of a COPY command, which names up to 1,600 columns
_PATIENCE = 5.0  # seconds for pg_restore to end once all is read


class UnreadableError(Exception):
    """pg_restore cannot read the dump; the text is what it says."""


def counted(dump: Path, program: Path, encoding: str, on_time: Callable[[], None]) -> Mapping[str, int]:
    """Return the number of rows of each table in a dump, by its name; `on_time` is called again and again, and may raise.

    Raises `UnreadableError` if pg_restore cannot read the dump to its end, `Inconclusive` if it cannot be run.
    """
    with tempfile.TemporaryFile() as complaint:
        running, text = _running([str(program), "--data-only", "--file=-", str(dump)], complaint)
        try:
            with text:
                found = dict(_tables(text, encoding, on_time))
            code = running.wait(_PATIENCE)
        finally:
            running.end(0)
        complaint.seek(0)
        said = complaint.read().decode("utf-8", "replace").strip()
    if code != 0:
        ending = "it did not end" if code is None else f"it ended with {code} and did not say why"
        raise UnreadableError(said.splitlines()[0] if said else ending)
    return found


def _running(command: list[str], complaint: IO[bytes]) -> tuple[ChildProcess, IO[bytes]]:
    reads, writes = os.pipe()
    try:
        with os.fdopen(writes, "wb") as end:
            running = ChildProcess(command, {**os.environ, "LC_ALL": "C", "PG_COLOR": "never"}, end, complaint)
    except OSError as error:
        os.close(reads)
        raise Inconclusive(f"{command[0]} cannot be run: {error.strerror}") from error
    return running, os.fdopen(reads, "rb", buffering=2**20)


def _tables(text: IO[bytes], encoding: str, on_time: Callable[[], None]) -> Iterator[tuple[str, int]]:
    """Yield each table and its number of rows; one that was cut off is left out."""
    for line in text:
        if line.startswith(b"COPY ") and (name := _copied(line, text)):
            rows = _rows(text, on_time)
            if rows is not None:
                yield respelled(name.decode(encoding)), rows


def _copied(line: bytes, text: IO[bytes]) -> bytes:
    """Return the table of a COPY command, which has several lines where a name has; b"" of anything else."""
    while not line.endswith(b" FROM stdin;\n") and len(line) < _LONGEST and (more := text.readline()):
        line += more
    found = _COPY.fullmatch(line)
    return found[1] if found else b""


def _rows(text: IO[bytes], on_time: Callable[[], None]) -> int | None:
    """Return the number of lines up to the end of a COPY; None if there is no end. A row may be longer than our memory."""
    number, at_start = 0, True
    while part := text.readline(_LONGEST):
        if at_start and part == _END:
            return number
        at_start = part.endswith(b"\n")
        number += at_start
        if number % _LOOK == 0:
            on_time()
    return None
