"""Messages of PostgreSQL's protocol cut out of a stream of bytes, of which only those are looked into that somebody wants."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct

KEPT = 1 << 16
"""Bytes of a message that are looked into; what is longer goes through in pieces, so that nobody's memory holds it."""

_LENGTH = Struct("!I").unpack_from
_HEAD = 5  # a letter, and the length of what follows with itself


@dataclass
class Frames:
    """Cuts one direction of a session into messages, after its start. `wanted` are the letters of those that are looked into."""

    wanted: frozenset[int]
    _held: bytes = b""
    _rest: int = field(default=0)  # bytes of a message under way that are still to come

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield (letter, beginning of its body, bytes as they came) for each message wanted, and (0, b"", bytes) for all between.

        All bytes come out in order; the end of a message too long to be held comes with what follows it.
        """
        data, self._held = self._held + data if self._held else data, b""
        end = len(data)
        start, position = 0, min(self._rest, end)
        self._rest -= position
        while end - position >= _HEAD:
            length = 1 + _LENGTH(data, position + 1)[0]
            if data[position] in self.wanted:
                if end - position < min(length, KEPT):
                    break
                if position > start:
                    yield 0, b"", data[start:position]
                start = min(position + length, end)
                yield data[position], data[position + _HEAD : min(position + KEPT, start)], data[position:start]
            position += length
            self._rest, position = max(position - end, 0), min(position, end)
        if position > start:
            yield 0, b"", data[start:position]
        self._held = data[position:]


def message(letter: bytes, body: bytes) -> bytes:
    """Return a message as it is sent."""
    return letter + (len(body) + 4).to_bytes(4, "big") + body
