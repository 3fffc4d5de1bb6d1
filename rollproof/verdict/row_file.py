"""--evidence-file: a line of JSON for each row that differs, readable by its owner alone."""

import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.system.file_lock import lock
from rollproof.system.files import NO_LINK, keep_from_others

_HELD: dict[Path, int] = {}  # each file of this process, and the descriptor that locks it


def emptied(file: Path) -> Path:
    """Create the file, or empty it, and return its path; while another run writes to it, return another path.

    Raises `Misuse` if that cannot be done.
    """
    if file.absolute() in _HELD:
        os.close(_HELD.pop(file.absolute()))
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | NO_LINK, 0o600)
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
        elif _is_anothers(opened):
            os.close(opened)
            return emptied(file.with_stem(f"{file.stem}-{os.getpid()}"))
        else:
            _HELD[file.absolute()] = opened
            os.truncate(opened, 0)
            keep_from_others(opened)
    except OSError as error:
        raise Misuse(f"--evidence-file {file} cannot be written: {error.strerror}") from error
    return file


def _is_anothers(opened: int) -> bool:
    try:
        lock(opened)
    except BlockingIOError:
        return True
    except OSError:  # there are no locks here
        return False
    return False


def append(file: Path, records: Sequence[Mapping[str, object]]) -> None:
    """Append a line of JSON for each record. Raises `Inconclusive` if it cannot be written."""
    try:
        with file.open("ab") as opened:
            opened.writelines(json.dumps(record, ensure_ascii=True).encode() + b"\n" for record in records)
    except OSError as error:
        raise Inconclusive(f"--evidence-file {file} cannot be written: {error.strerror}") from error
