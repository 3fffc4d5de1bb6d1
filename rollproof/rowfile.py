"""The file that gets every differing row, readable by its owner alone: it names rows."""

import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from rollproof.errors import CannotTell, Misuse


def emptied(file: Path) -> None:
    """Make the file, or empty it. Raises `Misuse` if that cannot be done."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(file, flags, 0o600), "wb") as opened:
            if stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                file.chmod(0o600)
    except OSError as error:
        raise Misuse(f"--evidence-file {file} cannot be written: {error.strerror}") from error


def append(file: Path, records: Sequence[Mapping[str, object]]) -> None:
    """Add a line of JSON for each. Raises `CannotTell` if that cannot be done."""
    try:
        with file.open("ab") as opened:
            opened.writelines(json.dumps(record, ensure_ascii=True).encode() + b"\n" for record in records)
    except OSError as error:
        raise CannotTell(f"--evidence-file {file} cannot be written: {error.strerror}") from error
