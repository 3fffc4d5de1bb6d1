"""The end of what a process says: a flood fills neither memory nor disk."""

import os
from contextlib import suppress
from typing import IO, Any

from rollproof.system.background import background

_BYTES = 2**16
_DRAIN = 1.0  # seconds that its last output may need


class Tail:
    """Reads what a process says to its end, and keeps the last of it."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._kept = bytearray()
        self._stream: Any = stream
        self._ended = background(self._read)

    def _read(self) -> None:
        while part := os.read(self._stream.fileno(), _BYTES):
            self._kept += part
            del self._kept[:-_BYTES]

    def text(self) -> str:
        """Return it. Whoever escaped us may hold the other end, so the end of it is not waited for longer than a moment."""
        with suppress(TimeoutError, OSError):
            self._ended.result(_DRAIN)
        if self._ended.done():
            self._stream.close()
        return bytes(self._kept).decode("utf-8", "replace").replace("\r\n", "\n")
