"""Which line of a Python program sends a statement: its own Python is asked, while it waits for the answer."""

import json
import os
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_PATIENCE = 5.0  # seconds; a process that answers no faster holds the interpreter itself …
_STRIKES = 3  # … and is not asked any more after so many
_ELSEWHERE = ("site-packages", "dist-packages", "lib/python")

_CUSTOM = """
try:
    with open({module!r}, encoding="utf-8") as source:
        code = compile(source.read(), {module!r}, "exec")
    known = {{"__name__": "rollproof_called_from"}}
    exec(code, known)
    known["listen"]({folder!r})
except Exception:
    pass

def _theirs():
    import importlib.machinery, sys
    path = [each for each in sys.path if each != {folder!r}]
    found = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if found and found.loader:
        import importlib.util
        found.loader.exec_module(importlib.util.module_from_spec(found))

_theirs()
"""


class Callers:
    """Makes every Python that is run with `environment` tell where it stands, from `with` to its end.

    Python looks for `sitecustomize` when it begins; ours does its work, and then runs the one that would have been found. One that
    is run with -I or -E, inside a container, or on Windows tells nothing. Its files are in a folder of their own at a `place`.
    """

    def __init__(self, project: Path, place: Path | None = None) -> None:
        self._project = project.resolve()
        self._silent: Counter[Path] = Counter()
        self._folder = tempfile.TemporaryDirectory(prefix="callers-", dir=place)

    @property
    def environment(self) -> Mapping[str, str]:
        """What the command must find in its environment."""
        theirs = os.environ.get("PYTHONPATH")
        return {"PYTHONPATH": os.pathsep.join(filter(None, [self._folder.name, theirs]))}

    def now(self) -> tuple[Path, int] | None:
        """Return the innermost line of the project that any Python stands at; None if none does."""
        for thread in self._threads():
            for file, line in thread:
                path = Path(file)
                if path.is_relative_to(self._project) and not any(each in file for each in _ELSEWHERE):
                    return path.relative_to(self._project), int(line)
        return None

    def _threads(self) -> Iterator[list[tuple[str, int]]]:
        for path in sorted(Path(self._folder.name).iterdir()):
            if path.name.isdecimal():
                with suppress(OSError, ValueError):
                    yield from json.loads(self._said(path))

    def _said(self, path: Path) -> bytes:
        if self._silent[path] >= _STRIKES:
            return b""
        try:
            return _said(path)
        except TimeoutError:
            self._silent[path] += 1
            raise

    def __enter__(self) -> Self:
        if sys.platform != "win32":
            module = str(Path(__file__).with_name("called_from.py"))
            text = _CUSTOM.format(module=module, folder=self._folder.name)
            Path(self._folder.name, "sitecustomize.py").write_text(text, "utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()


def _said(path: Path) -> bytes:
    if sys.platform == "win32":
        return b""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(_PATIENCE)
        try:
            asking.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)  # its process is gone
            raise
        return b"".join(iter(lambda: asking.recv(65536), b""))
