"""Which migration tool is at work in a folder."""

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rollproof.model.errors import Misuse
from rollproof.rehearsal.tools.files import below
from rollproof.rehearsal.tools.row import Row, Sign, known
from rollproof.rehearsal.tools.tool import Tool

_BINS = ("node_modules/.bin", ".venv/bin", "venv/bin")
_OUT = 'or pass --migrate "COMMAND" and --rollback "COMMAND", which any tool can do'


@dataclass(frozen=True)
class _Found:
    row: Row
    migrations: Path


def tool(name: str | None, folder: Path, migrations: str | None = None) -> Tool:
    """Return the tool of this name, or the only one that is at work in a folder; `migrations` is where its files are.

    Raises `Misuse` if there is none, or more than one, or if its program is not there.
    """
    rows = [row for row in known() if name in (None, row.name)]
    if not rows:
        raise Misuse(f"--tool {name}: known are {', '.join(row.name for row in known())}; {_OUT}")
    inside = [folder / migrations] if migrations else None
    found = [each for row in rows for each in _signs(row, folder, inside)]
    return _tool(_only(found, rows, folder), folder)


def _signs(row: Row, folder: Path, inside: list[Path] | None) -> Iterator[_Found]:
    for sign in row.signs:
        anywhere = sign.file.startswith("*")
        for place in (inside or below(folder)) if anywhere else [folder]:
            if _is_in(sign, place):
                yield _Found(row, place)


def _is_in(sign: Sign, folder: Path) -> bool:
    return any(path.is_file() and _holds(path, sign.holds) for path in sorted(folder.glob(sign.file)))


def _holds(path: Path, pattern: str) -> bool:
    return not pattern or bool(re.search(pattern, path.read_text("utf-8", "replace"), re.IGNORECASE | re.MULTILINE))


def _only(found: list[_Found], rows: list[Row], folder: Path) -> _Found:
    found = list(dict.fromkeys(found))
    found = [each for each in found if each.row not in _outdone(found, folder)]
    names = sorted({each.row.name for each in found})
    if not found:
        looked = "\n".join(
            f"  - {row.name} ({row.title}): {' or '.join(sign.file for sign in row.signs)}" for row in rows
        )
        raise Misuse(f"no migration tool was recognised in {folder}; looked for:\n{looked}\ngo to its folder, {_OUT}")
    if len(names) > 1:
        raise Misuse(f"more than one migration tool is at work here: {', '.join(names)}; pass --tool NAME, {_OUT}")
    if len(found) > 1:
        places = ", ".join(str(each.migrations.relative_to(folder)) for each in found)
        raise Misuse(f"{found[0].row.title}: there are migrations in {places}; pass --migrations FOLDER, {_OUT}")
    return found[0]


def _outdone(found: list[_Found], folder: Path) -> list[Row]:
    """Return, of tools that have the same files, those that are not taken."""
    rows = {each.row.name: each.row for each in found}
    pairs = [(row, rows[name]) for row in rows.values() for name in row.instead_of if name in rows]
    return [other if _program(row, folder) else row for row, other in pairs]


def _tool(found: _Found, folder: Path) -> Tool:
    program = _program(found.row, folder)
    if program is None:
        places = ", ".join(_BINS)
        first = found.row.program.split()[0]
        raise Misuse(f"{found.row.title} is at work here, and {first} is neither in {places} nor on the PATH; {_OUT}")
    migrations = found.migrations.relative_to(folder) if found.migrations.is_relative_to(folder) else found.migrations
    return Tool(found.row, folder, migrations, program)


def _program(row: Row, folder: Path) -> str | None:
    """Return how a tool is called from a folder, "" if there is nothing to call; None if its program is not there."""
    if not row.program:
        return ""
    first, *others = row.program.split()
    active = "VIRTUAL_ENV" in os.environ  # then it is meant, and it is on the PATH
    places = [place for place in _BINS if not (active and "venv" in place) and (folder / place / first).exists()]
    if not (places or shutil.which(first)):
        return None
    return shlex.join([f"{places[0]}/{first}" if places else first, *others])
