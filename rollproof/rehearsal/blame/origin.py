"""Where a difference comes from, as values."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A statement: the `number`th that the migration or the rollback sent (`stage`), and the line where it is written, if known."""

    stage: str
    number: int
    text: str
    file: Path | None = None
    line: int | None = None


@dataclass(frozen=True)
class Origin:
    """Where a finding comes from: `made` by a statement of the migration, `undone` (wrongly) by one of the rollback, if any was."""

    made: Place | None = None
    undone: Place | None = None

    def __str__(self) -> str:
        return ""
