"""How far scans are. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Progress of the scans in bytes; `tables` are those done, with their sizes; `resting` is the share of pauses (`--gentle`)."""

    done: int
    total: int
    tables: Mapping[str, int]
    resting: float = 0.0

    def __add__(self, other: "Progress") -> "Progress":
        tables, resting = {**self.tables, **other.tables}, max(self.resting, other.resting)
        return Progress(self.done + other.done, self.total + other.total, tables, resting)


NO_PROGRESS = Progress(0, 0, {})
