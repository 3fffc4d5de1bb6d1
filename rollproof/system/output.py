"""What leaves this process by its standard streams: the last door, which every text passes without its secrets and its controls."""

import errno
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from threading import RLock
from typing import Any, TextIO

from rollproof.model.printable import Line, harmless
from rollproof.model.redaction import Secrets, secrets_in_file, secrets_typed
from rollproof.system.files import contents
from rollproof.system.signals import UNWRITTEN

_MOST = 2**20  # bytes of a configuration


def at_hand(arguments: Sequence[str], environment: Mapping[str, str]) -> Secrets:
    """Return what is secret in a command line, in the variables, and in the configuration that they name, even a broken one."""
    named = [word.partition("=")[2] for word in arguments if word.startswith("--rollproof-config=")]
    named += [after for word, after in pairwise(arguments) if word == "--rollproof-config"]
    known = secrets_typed(arguments, environment)
    for file in [*named, environment.get("ROLLPROOF_CONFIG", ""), "rollproof.toml"]:
        with suppress(OSError):
            known = known.and_of(secrets_in_file(contents(Path(file), _MOST).decode("utf-8", "replace")))
    return known


class Door:
    """A text stream before another: hides what stands where a password does, and shows what has no shape by its code.

    A word that is a secret is hidden by those who quote it; here it may be an object's name. `painted` lets through what
    another writer has made harmless and coloured.
    """

    def __init__(self, stream: TextIO, secrets: Secrets) -> None:
        self._stream = stream
        self._secrets = secrets
        self._line = Line()
        self._drawn = 0  # characters of a line that the next one replaces
        self._one_at_a_time = RLock()  # lines are drawn by a thread
        self.painted = False

    def write(self, text: str) -> int:
        """Write a text; returns the number of its characters, as streams do."""
        told = self._secrets.hide_credentials(text)
        told = self._line.wrote(told) if self.painted else self._line.goes_on(told)
        encoding = self._stream.encoding or "utf-8"
        with self._one_at_a_time, self._as_far_as_there_is_room():
            self._put(told.encode(encoding, "backslashreplace").decode(encoding), 0)
        return len(text)

    def draw(self, line: str) -> None:
        """Show a line on a terminal until the next one so shown, or the next text that is written; "" takes it away."""
        shown = harmless(self._secrets.hide_credentials(line))
        with self._one_at_a_time, self._as_far_as_there_is_room():
            self._put(shown, len(shown))
            self._stream.flush()

    def _put(self, text: str, drawn: int) -> None:
        gone = f"\r{'':{self._drawn}}\r" if self._drawn else ""
        self._drawn = drawn
        self._stream.write(f"{gone}{text}")

    def flush(self) -> None:
        """Let what was written go on."""
        with self._as_far_as_there_is_room():
            self._stream.flush()

    @contextmanager
    def _as_far_as_there_is_room(self) -> Iterator[None]:
        """A full disk behind the stream ends no verification: its verdict is in the exit code and the reports. It is told once."""
        try:
            yield
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            if not UNWRITTEN and sys.__stderr__:
                with suppress(OSError, ValueError):
                    sys.__stderr__.write(f"rollproof: not all could be printed: {error.strerror}\n")
            UNWRITTEN.append(str(error.strerror))

    def writelines(self, lines: Iterator[str]) -> None:
        """Write each of these texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name in {"buffer", "detach", "reconfigure"}:
            raise AttributeError(name)  # the bytes behind it would be a way around
        return getattr(self._stream, name)


@contextmanager
def guarded(secrets: Secrets) -> Iterator[tuple[Door, Door]]:
    """Let nothing out of stdout and stderr but through a door; yields both."""
    before = sys.stdout, sys.stderr
    doors = Door(sys.stdout, secrets), Door(sys.stderr, secrets)
    sys.stdout, sys.stderr = doors
    try:
        yield doors
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def painted(stream: object) -> Iterator[None]:
    """Let a door write what another writer has made harmless, and coloured, as it is; it still hides secrets."""
    door = stream if isinstance(stream, Door) else None
    if door:
        door.painted = True
    try:
        yield
    finally:
        if door:
            door.painted = False
