"""Where a difference comes from, as values."""

from dataclasses import dataclass
from pathlib import Path

from rollproof.model.printable import one_line


@dataclass(frozen=True)
class Place:
    """A statement: the `number`th that the migration or the rollback sent (`stage`), and the line where it is written, if known.

    `part` is its place among several that were sent together, 0 where it was sent alone.
    """

    stage: str
    number: int
    text: str
    file: Path | None = None
    line: int | None = None
    part: int = 0

    @property
    def where(self) -> str:
        """The file and the line; "" if they are not known."""
        if self.file is None:
            return ""
        return one_line(f"{self.file.as_posix()}:{self.line}" if self.line else self.file.as_posix())

    def __str__(self) -> str:
        part = f"part {self.part} of " if self.part else ""
        return f"{part}statement {self.number} of the {self.stage}" + (f" ({self.where})" if self.where else "")


@dataclass(frozen=True)
class Origin:
    """Where a finding comes from: `made` by a statement of the migration, `undone` (wrongly) by one of the rollback, if any was.

    Without `made` the migration left it as it was, and the rollback damaged it. `untraced` is why neither is known.
    """

    made: Place | None = None
    undone: Place | None = None
    untraced: str = ""

    @property
    def places(self) -> tuple[Place, ...]:
        """The statements, first the one to look at: the one that undid it wrongly, or the one that nothing undid."""
        return tuple(place for place in (self.undone, self.made) if place)

    def __str__(self) -> str:
        if self.made is None:
            return f"made by {self.undone}" if self.undone else self.untraced
        return f"made by {self.made}, {f'undone wrongly by {self.undone}' if self.undone else 'never undone'}"
