"""Checks of the user's own: which of their files belong to a phase, and which tests were named."""

import fnmatch
import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from _pytest.config.findpaths import locate_config  # pytest has no public way to find its settings

from rollproof.model.errors import Misuse
from rollproof.plugin.configured import configured
from rollproof.plugin.stash import NAMED
from rollproof.plugin.words import lengthened, phases_in
from rollproof.settings.configuration import configuration_file, resolve
from rollproof.settings.option_table import OF_A_RUN
from rollproof.system.bundle import suite_root

CHECKS = suite_root().resolve() / "checks"
_FRONT = "checks/"
_ELSEWHERE = ("-c", "--config-file", "--rootdir", "--pyargs")
_ELSEWHERE_IS = tuple(f"{word}=" for word in _ELSEWHERE if word.startswith("--"))
"""Options of pytest's that say where tests are."""
_REHEARSE = next(known.long for known in OF_A_RUN if known.field == "rehearse")


@dataclass(frozen=True)
class Named:
    """What was named to be run: `bundled` are the words for checks of ours, `own` those for files of the user's.

    Without any word all bundled checks are meant, and `whole` is true; so it is if a folder was named that holds them all.
    """

    whole: bool
    bundled: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    checks: Path = CHECKS  # the folder of the bundled checks

    @property
    def any_bundled(self) -> bool:
        """Whether a bundled check was named at all."""
        return self.whole or bool(self.bundled)

    def has(self, file: Path) -> bool:
        """Tell whether a bundled check's file was named, or a case of it."""
        return self.whole or any(word.partition("::")[0] == _FRONT + file.name for word in self.bundled)

    def has_case(self, file: Path, nodeid: str) -> bool:
        """Tell whether a case was named: by itself, or as one of its check."""
        whole = _FRONT + file.name
        return self.whole or any(word in {whole, nodeid} or nodeid.startswith(f"{word}[") for word in self.bundled)


def named(words: Sequence[str], folder: Path, checks: Path = CHECKS) -> Named:
    """Return what the words name that were typed in this folder."""
    places = [_place(word, folder, checks) for word in words]
    within = [_within(word, place, checks) for word, place in zip(words, places, strict=True)]
    own = [word for word, place, ours in zip(words, places, within, strict=True) if not ours and place != checks]
    whole = not words or any(map(checks.is_relative_to, places))
    return Named(whole, tuple(filter(None, within)), tuple(own), checks)


def _place(word: str, folder: Path, checks: Path) -> Path:
    file = word.partition("::")[0]
    place = Path(folder, file)
    if word.startswith(_FRONT) and not place.exists():
        place = checks.parent / file  # a node id, as reports print it, from anywhere
    return place.resolve()


def _within(word: str, place: Path, checks: Path) -> str:
    """Return the node id of a bundled check or case that a word names; "" if it names none."""
    if place.parent != checks or not place.exists():
        return ""
    return _FRONT + place.name + word[len(word.partition("::")[0]) :]


def find(config: Any) -> bool:
    """Find what was named, and the user's own checks; tell whether there are any."""
    words = config.known_args_namespace.file_or_dir
    asked = named(words, config.invocation_params.dir)
    own = asked.own if words else _configured(config)
    rules = Rules(
        config.invocation_params.dir, config.rootpath, config.getini("python_files"), config.getini("norecursedirs")
    )
    files = tuple(rules.files(own, phases_in(config.known_args_namespace.markexpr)[0]))
    config.stash[NAMED] = replace(asked, own=files)
    return bool(files)


def _configured(config: Any) -> Iterator[str]:
    """Yield the folders that pytest's `testpaths` name, and those of `checks` in rollproof.toml.

    A rehearsal is of the bundled migration, of whose database the user's own checks know nothing.
    """
    if config.known_args_namespace.rollproof_rehearse:
        return
    yield from matched(config.rootpath, config.getini("testpaths"))
    with suppress(Misuse):  # it is told when the run begins
        yield from configured(config, config.known_args_namespace).settings.checks


def matched(root: Path, patterns: Iterable[str]) -> list[str]:
    """Return what `testpaths` name, read as pytest reads them: patterns, a mere dot, paths from the disk's own root."""
    found = (path for pattern in patterns for path in sorted(glob.iglob(pattern, root_dir=root, recursive=True)))  # noqa: PTH207
    return [str(root / path) for path in found]


@dataclass(frozen=True)
class Rules:
    """Which files pytest would take for tests: by patterns of their names, not in `hidden` folders."""

    folder: Path  # where pytest was started
    root: Path  # pytest's root folder
    patterns: Sequence[str] = ("*.py",)
    hidden: Sequence[str] = (".*", "*.egg", "node_modules", "venv", "build", "dist")

    def files(self, words: Iterable[str], phase: str) -> Iterator[str]:
        """Yield the files whose text mentions the phase, or all of a folder whose conftest does; a test that was named is kept."""
        for word in words:
            place = Path(self.folder, word)
            if not place.is_dir():
                yield word
                continue
            for here, files in self._tree(place):
                found = [file for file in files if self._is_test(file)]
                whole = any(_mentions(above / "conftest.py", phase) for above in _up(here, self.root))
                yield from (str(file) for file in found if whole or _mentions(file, phase))

    def _tree(self, place: Path) -> Iterator[tuple[Path, list[Path]]]:
        """Yield each folder below, with its files in order; our own suite and what pytest never enters are left out."""
        suite = suite_root().resolve()
        for folder, folders, files in os.walk(place):
            here = Path(folder)
            if here.resolve().is_relative_to(suite):
                folders.clear()
                continue
            folders[:] = sorted(name for name in folders if not self._is_hidden(here / name))
            yield here, [here / name for name in sorted(files)]

    def _is_hidden(self, folder: Path) -> bool:
        named = any(fnmatch.fnmatch(folder.name, pattern) for pattern in self.hidden)
        return named or (folder / "pyvenv.cfg").exists()

    def _is_test(self, file: Path) -> bool:
        named = any(fnmatch.fnmatch(file.name, Path(pattern).name) for pattern in self.patterns)
        return named and file.suffix == ".py"


def _up(folder: Path, root: Path) -> Iterator[Path]:
    yield folder
    if folder.is_relative_to(root) and folder != root:
        yield from _up(folder.parent, root)


def _mentions(file: Path, phase: str) -> bool:
    try:
        return phase.encode() in file.read_bytes()
    except OSError:
        return False


def any_here(arguments: Sequence[str]) -> bool:
    """Tell whether pytest, started here with these arguments, would find checks of the user's own, or might."""
    here, words = Path.cwd(), lengthened(arguments)
    asked = named([word for word in words if not word.startswith("-") and _place(word, here, CHECKS).exists()], here)
    if asked.own or any(word in _ELSEWHERE or word.startswith(_ELSEWHERE_IS) for word in words):
        return True
    if _REHEARSE in words:
        return False
    root, _, settings, _ = locate_config(here, [here])
    patterns: Any = getattr(settings.get("testpaths"), "value", ())
    folders = matched(root or here, patterns.split() if isinstance(patterns, str) else patterns)
    rules = Rules(here, root or here)
    own = [*folders, *_of_configuration(words)]
    return any(any(rules.files(own, phase)) for phase in phases_in(" ".join(words)))


def _of_configuration(words: Sequence[str]) -> Sequence[str]:
    typed = (word.partition("=")[2] for word in words if word.startswith("--rollproof-config="))
    file = configuration_file(next(typed, None), os.environ)
    try:
        return resolve({}, {}, file).checks
    except Misuse:  # it is told when the run begins
        return ()
