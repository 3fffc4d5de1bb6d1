"""The steps that are files in a folder."""

import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from rollproof.model.errors import Misuse
from rollproof.rehearsal.tools.books import version
from rollproof.rehearsal.tools.row import Files, Row
from rollproof.rehearsal.tools.run_section import PSQL
from rollproof.rehearsal.tools.sections import Section, Way, section
from rollproof.rehearsal.tools.step import Step

OURS = f"{shlex.quote(sys.executable)} -P -m rollproof.rehearsal.tools"
_NO_FILES = frozenset({"node_modules", "venv", "site-packages", "vendor", "target", "dist", "build", "__pycache__"})
_DEEP = 5  # folders below each other


def below(folder: Path) -> Iterator[Path]:
    """Yield a folder and those below it where somebody's own files are."""
    for here, folders, _ in os.walk(folder):
        path = Path(here)
        deep = len(path.relative_to(folder).parts)
        folders[:] = [] if deep >= _DEEP else sorted(each for each in folders if _is_own(path / each))
        yield path


def _is_own(folder: Path) -> bool:
    return folder.name not in _NO_FILES and not folder.name.startswith(".") and not (folder / "pyvenv.cfg").exists()


def steps(row: Row, migrations: Path, folder: Path) -> tuple[Step, ...]:
    """Return the files of a folder as steps that psql runs, first to last. Raises `Misuse` if one is not as the tool wants it."""
    if row.files is None:
        return ()
    inside = folder / migrations
    found = {_revision(path, row.files.up, inside): path for path in inside.glob(row.files.up)}
    ordered = ((revision, found[revision]) for revision in sorted(found, key=_order))
    return tuple(_step(row, row.files, each, folder) for each in ordered if _is_step(row, row.files, each))


def _revision(path: Path, pattern: str, migrations: Path) -> str:
    before, _, after = pattern.partition("*")
    name = path.relative_to(migrations).as_posix()
    return name[len(before) : len(name) - len(after)]


def _order(revision: str) -> tuple[bool, int, str]:
    number = version(revision)
    return (not number.isdecimal(), int(number) if number.isdecimal() else 0, revision)


def _is_step(row: Row, known: Files, each: tuple[str, Path]) -> bool:
    """Tell whether a file is a migration. Raises `Misuse` if it has the name of one and not the sections."""
    revision, file = each
    if re.search(known.up_begins, file.read_text("utf-8", "replace"), re.IGNORECASE | re.MULTILINE):
        return True
    if revision[0].isdecimal():
        raise Misuse(f"{file}: no line in it says where the way up begins ({row.title})")
    return False


def _step(row: Row, known: Files, each: tuple[str, Path], folder: Path) -> Step:
    revision, up = each
    down = up if known.up_begins else _opposite(known, up, revision)
    back = section(down, known, "down") if down.is_file() else None
    no_way = back.no_way if back else f"there is no {down.relative_to(folder)}"
    return Step(
        revision,
        (_command(row, known, up.relative_to(folder), "up", section(up, known, "up")),),
        (_command(row, known, down.relative_to(folder), "down", back),) if back and not no_way else (),
        file=up,
        irreversible=no_way,
        refusal=row.irreversible,
    )


def _opposite(known: Files, up: Path, revision: str) -> Path:
    folder = up.parents[known.up.count("/")]
    return folder / known.down.replace("*", revision)


def _command(row: Row, known: Files, file: Path, way: Way, found: Section) -> str:
    if known.up_begins:
        return f"{OURS}.run_section {row.name} {shlex.quote(str(file))} {way}"
    one = ["--single-transaction"] if found.in_transaction(known) else []
    return shlex.join([*PSQL, *one, "-f", str(file)])
