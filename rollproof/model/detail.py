"""Sums of parts of a table's rows, so that a baseline alone says where rows differ. Pure."""

import struct
from collections.abc import Iterator, Mapping

import msgspec

_PART = struct.Struct(">QQ")  # how many rows, and the sum of their hashes without what does not fit into 64 bits
_WHOLE = 2**64

Sums = Mapping[int, tuple[int, int]]
"""Of each part by its number: how many rows, and the sum of their hashes. A part without rows may be left out."""


class Division(msgspec.Struct, frozen=True):
    """How the rows of a table are parted: every row is in exactly one of the `parts`.

    By ranges of one column: part 0 are rows in which it is NULL, part 1 those below the first of `bounds`, part 2 those from there
    to below the second …. `bounds` are values of that column as text, in its order. Without them, by a hash of the `columns`.
    `columns` are quoted, `types` the names of their types.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    bounds: tuple[str, ...]
    parts: int

    @property
    def by_range(self) -> bool:
        """Whether the parts are ranges of one column."""
        return bool(self.bounds)


class Detail(msgspec.Struct, frozen=True):
    """The sums of all parts of one table, sixteen bytes each, in the order of their numbers."""

    division: Division
    packed: bytes

    @classmethod
    def of(cls, division: Division, sums: Sums) -> "Detail":
        """Pack the sums. Raises `ValueError` for a part that there is not."""
        if not all(0 <= part < division.parts for part in sums):
            raise ValueError("there are sums of other parts than the division has")
        told = (sums.get(part, (0, 0)) for part in range(division.parts))
        return cls(division, b"".join(_PART.pack(rows, total % _WHOLE) for rows, total in told))

    @property
    def sums(self) -> list[tuple[int, int]]:
        """How many rows each part has, and the sum of their hashes in 64 bits. Raises `ValueError` if some are missing."""
        if len(self.packed) != _PART.size * self.division.parts:
            raise ValueError(f"{len(self.packed)} bytes are not the sums of {self.division.parts} parts")
        return list(_PART.iter_unpack(self.packed))

    def differing(self, now: Sums) -> Iterator[tuple[int, int, int]]:
        """Yield the parts whose rows are not as they were: number, rows before and now."""
        for part, (rows, total) in enumerate(self.sums):
            there, added = now.get(part, (0, 0))
            if (rows, total) != (there, added % _WHOLE):
                yield part, rows, there

    def adds_up_to(self, rows: int, total: int) -> bool:
        """Whether all parts together are so many rows, whose hashes have this sum."""
        found = self.sums
        return (sum(each for each, _ in found), sum(each for _, each in found) % _WHOLE) == (rows, total % _WHOLE)
