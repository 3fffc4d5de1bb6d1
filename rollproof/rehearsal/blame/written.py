"""Where a statement is written: its text is looked for in the files of the project."""

import os
import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from rollproof.rehearsal.blame.origin import Place
from rollproof.rehearsal.blame.pieces import alike, pieces

_LARGEST = 1 << 20  # bytes of a file that is read: longer ones are dumps
_MOST = 5_000  # files of a project that are read
_PROGRAMS = frozenset({".py", ".js", ".ts", ".mjs", ".cjs", ".rb", ".go", ".php", ".rs", ".java", ".kt", ".ex", ".sh"})
_PASSED_OVER = frozenset({"node_modules", "venv", "site-packages", "__pycache__", "target", "vendor"})

_At = tuple[Path, int]


@dataclass(frozen=True)
class Written:
    """The files of a project in a `folder`; those `named` by the command that is run, or by the tool, are looked into first."""

    folder: Path
    named: tuple[Path, ...] = field(default=())

    @classmethod
    def of(cls, folder: Path, commands: Iterable[str], file: Path | None) -> "Written":
        """Return the project as a run's commands name its files."""
        words = (word for command in commands for word in _words(command))
        files = [path for word in words if (path := folder / word).is_file()]
        return cls(folder, tuple(dict.fromkeys([*([folder / file] if file else []), *files])))

    def placed(self, place: Place) -> Place:
        """Return a statement's place with its file and line, as far as they can be found."""
        at = self._at(place)
        if at is None:
            return place
        path, line = at
        inside = path.is_relative_to(self.folder)
        return replace(place, file=path.relative_to(self.folder) if inside else path, line=line or None)

    def _at(self, place: Place) -> _At | None:
        text = alike(place.text)
        caller = self.folder / place.file if place.file else None
        if caller and (place.part or not place.line):
            at = next(_lines_of(caller, text), None) or self._in_sql(text)
            return at or (caller, place.line or 0)
        if caller:
            return caller, place.line or 0
        only = self.named[0] if len(self.named) == 1 and self.named[0].suffix in {".sql", *_PROGRAMS} else None
        return self._in_sql(text) or self._in_programs(text) or ((only, 0) if only else None)

    def _in_sql(self, text: str) -> _At | None:
        first, others = self._sql
        return next(iter(first.get(text, ())), None) or _single(others.get(text, ()))

    def _in_programs(self, text: str) -> _At | None:
        first = (at for path in self.named if path.suffix in _PROGRAMS for at in _lines_of(path, text))
        return next(first, None) or _single(
            at for path in self._files if path.suffix in _PROGRAMS for at in _lines_of(path, text)
        )

    @cached_property
    def _sql(self) -> tuple[Mapping[str, list[_At]], Mapping[str, list[_At]]]:
        """The statements of SQL files, by their text: of those named, and of all others."""
        first = _statements(path for path in self.named if path.suffix == ".sql")
        return first, _statements(path for path in self._files if path.suffix == ".sql" and path not in self.named)

    @cached_property
    def _files(self) -> tuple[Path, ...]:
        return tuple(path for path, _ in zip(_inside(self.folder), range(_MOST), strict=False))


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    return [part for word in words for part in {word, word.rpartition("=")[2], word.lstrip("-qfXv")} if part]


def _inside(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not (each.startswith(".") or each in _PASSED_OVER))
        yield from (Path(root, each) for each in sorted(files) if Path(each).suffix in {".sql", *_PROGRAMS})


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace") if path.stat().st_size <= _LARGEST else ""
    except OSError:
        return ""


def _statements(paths: Iterable[Path]) -> Mapping[str, list[_At]]:
    found: dict[str, list[_At]] = defaultdict(list)
    for path in paths:
        for piece in pieces(_text(path), psql=True):
            found[alike(piece.text)].append((path, piece.line))
    return found


def _lines_of(path: Path, text: str) -> Iterator[_At]:
    """Yield where a text stands in a file, however its blanks are."""
    words = text.split()
    if path.suffix == ".sql" or not words:
        return
    pattern = r"\s+".join(map(re.escape, words))
    content = _text(path)
    yield from ((path, content.count("\n", 0, found.start()) + 1) for found in re.finditer(pattern, content))


def _single(found: Iterable[_At]) -> _At | None:
    """Return the only one; what is written in several places comes from we do not know where."""
    some = list(found)
    return some[0] if len(some) == 1 else None
