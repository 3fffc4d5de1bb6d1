"""What a run measured beside its cases: tables and their rows, stages and their seconds, answers, copies, waivers. Pure values."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class TableRead:
    """A table of either side: its rows `before` and `after`, its `bytes` on disk without TOAST, the `seconds` to read its rows.

    None: it is not there, or nobody asked or could tell.
    """

    name: str
    before: int | None = None
    after: int | None = None
    bytes: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Stage:
    """A part of the run, in words that a person understands, and how many seconds it took. Stages may overlap."""

    name: str
    seconds: float


@dataclass(frozen=True)
class AnswerTime:
    """An endpoint of the application: the seconds until its answer, before the migration and now; None: it was not asked."""

    endpoint: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Agreement:
    """Whether the rows of a table are the same on two of three sides; None: nobody can tell.

    The sides are the reference, the migration's backup, and the live table.
    """

    table: str
    reference_backup: bool | None
    backup_live: bool | None
    reference_live: bool | None


@dataclass(frozen=True)
class Waived:
    """A waiver of rollproof.toml: what it accepts and why, until when (None: for ever), and how many differences it took."""

    check: str
    identity: str
    reason: str
    until: date | None
    differences: int

    def __str__(self) -> str:
        end = f"until {self.until}" if self.until else "for ever"
        number = "" if self.differences == 1 else f"{self.differences:,} differences, "
        return f"{self.check} {self.identity}: {number}{end}: {self.reason}"
