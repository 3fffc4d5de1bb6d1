"""An SQL file, or a folder of them, as statements of an application."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.rehearsal.doors.placeholders import placed
from rollproof.rehearsal.doors.session import Session
from rollproof.rehearsal.doors.splitting import Script
from rollproof.rehearsal.doors.statement import Statement
from rollproof.system.files import contents

_MOST = 32 * 2**20


def from_files(path: Path, notes: list[str]) -> Iterator[Statement]:
    """Yield the statements of a file, or of all `*.sql` below a folder; what was passed over becomes a note.

    Raises `Misuse` if it cannot be read or has none.
    """
    files = sorted(path.rglob("*.sql")) if path.is_dir() else [path]
    if not files:
        raise Misuse("there is no *.sql in this folder")
    for file in files:
        yield from _from_file(file, str(file.relative_to(path)) if path.is_dir() else path.name, notes)


def _from_file(file: Path, name: str, notes: list[str]) -> Iterator[Statement]:
    script, session = Script(_text(file)), Session()
    for piece in script.pieces():
        yield from session.told(Statement(placed(piece.text), f"{name}:{piece.line}", piece.role))
    if script.skipped:
        some = ", ".join(sorted(set(script.skipped))[:5])
        notes.append(f"{name}: {counted(len(script.skipped), 'command')} of psql passed over ({some})")


def _text(file: Path) -> str:
    try:
        return contents(file, _MOST).decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise Misuse(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Misuse(f"{file} is not UTF-8 (line {line}): save the file as UTF-8") from error


def without_places(statement: Statement) -> Statement:
    """Return a statement that is the same wherever it stood: two of these are one statement."""
    return replace(statement, where="", calls=0, values=())
