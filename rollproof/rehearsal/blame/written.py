"""Where a statement is written: its text is looked for in the files of the project."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from rollproof.rehearsal.blame.origin import Place
from rollproof.rehearsal.blame.pieces import alike, pieces

_LARGEST = 1 << 20  # bytes of a file that is read: longer ones are dumps
_MOST, _ROOM = 2_000, 1 << 25  # files of a project that are read, and bytes of all of them
_PROGRAMS = frozenset({".py", ".js", ".ts", ".mjs", ".cjs", ".rb", ".go", ".php", ".rs", ".java", ".kt", ".ex", ".sh"})
_PASSED_OVER = frozenset({"node_modules", "venv", "site-packages", "__pycache__", "target", "vendor"})

_At = tuple[Path, int]


@dataclass(frozen=True)
class Written:
    """The files of a project in a `folder`; those `named` by the command that is run, or by the tool, are looked into first."""

    folder: Path
    named: tuple[Path, ...] = field(default=())
    _found: dict[str, _At | None] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, commands: Iterable[str], file: Path | None) -> "Written":
        """Return the project as a run's commands name its files."""
        words = (word for command in commands for word in _words(command))
        files = [path for word in words if (path := folder / word).is_file()]
        return cls(folder, tuple(dict.fromkeys([*([folder / file] if file else []), *files])))

    def placed(self, place: Place) -> Place:
        """Return a statement's place with its file and line, as far as they can be found."""
        at = self._called(place) if place.file else self._searched(alike(place.text))
        if at is None:
            return place
        path, line = at
        inside = path.is_relative_to(self.folder)
        return replace(place, file=path.relative_to(self.folder) if inside else path, line=line or None)

    def _called(self, place: Place) -> _At:
        """Return where a program that was asked says that it sends it; one of several in one call is looked for."""
        caller = self.folder / (place.file or "")
        text = alike(place.text) if place.part else ""
        at = next(_lines_of(caller, _text(caller), text), None) or self._statements.get(text)
        return at or (caller, place.line or 0)

    def _searched(self, text: str) -> _At | None:
        if text not in self._found:
            self._found[text] = self._statements.get(text) or self._anywhere(text) or self._only
        return self._found[text]

    def _anywhere(self, text: str) -> _At | None:
        """Return where it stands; what stands in several places that nobody named comes from we do not know which."""
        named = (at for path in self.named for at in _lines_of(path, _text(path), text))
        return next(named, None) or _single(
            at for path, content in self._contents.items() for at in _lines_of(path, content, text)
        )

    @property
    def _only(self) -> _At | None:
        only = self.named[0] if len(self.named) == 1 else None
        return (only, 0) if only and only.suffix in {".sql", *_PROGRAMS} else None

    @cached_property
    def _statements(self) -> Mapping[str, _At]:
        """The statements of the SQL files that are named, by their text."""
        found: dict[str, _At] = {}
        for path in self.named:
            for piece in pieces(_text(path), psql=True) if path.suffix == ".sql" else ():
                found.setdefault(alike(piece.text), (path, piece.line))
        return found

    @cached_property
    def _contents(self) -> Mapping[Path, str]:
        """The files of the project, as many as are read."""
        found: dict[Path, str] = {}
        room = _ROOM
        for path, _ in zip(_inside(self.folder), range(_MOST), strict=False):
            found[path] = _text(path)
            room -= len(found[path])
            if room < 0:
                break
        return found


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


def _lines_of(path: Path, content: str, text: str) -> Iterator[_At]:
    """Yield where a text stands in a file, however its blanks are."""
    words = text.split()
    if not words or max(words, key=len) not in content:
        return
    pattern = r"\s+".join(map(re.escape, words))
    yield from ((path, content.count("\n", 0, found.start()) + 1) for found in re.finditer(pattern, content))


def _single(found: Iterable[_At]) -> _At | None:
    some = list(found)
    return some[0] if len(some) == 1 else None
