"""What a run measured beside its cases: tables and rows, stages and seconds, answers, plans, copies, waivers. Pure values."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class TableRead:
    """A table of either side: its rows `before` and `after`, its `bytes` on disk without TOAST, the `seconds` to read its rows.

    None: it is not there, or nobody asked or could tell. `unread`: its rows were not read, for nobody wrote to it
    (`--unread-if-untouched`); `after` is `before`.
    """

    name: str
    before: int | None = None
    after: int | None = None
    bytes: int | None = None
    seconds: float | None = None
    unread: bool = False


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
class PlanCost:
    """How a query is planned: its scans in a few words, the estimated cost, and the milliseconds and pages of a run.

    None: nobody kept it, or it was not run.
    """

    scans: str
    cost: float | None = None
    milliseconds: float | None = None
    pages: int | None = None

    @property
    def time(self) -> str:
        """The milliseconds in words, "" if it was not run."""
        if self.milliseconds is None:
            return ""
        return f"{self.milliseconds:,.1f} ms" if self.milliseconds >= 1 else f"{self.milliseconds:.2f} ms"

    def __str__(self) -> str:
        told = [self.scans, "" if self.cost is None else f"cost {self.cost:,.0f}"]
        told += [f"{self.time}, {self.pages or 0:,} pages"] if self.time else []
        return ", ".join(filter(None, told))


@dataclass(frozen=True)
class PlanRead:
    """A query of [[plans]], or a look-up by a key (`public.users (id)`): how it was planned `before`, and is now, `after`."""

    query: str
    before: PlanCost
    after: PlanCost

    def __str__(self) -> str:
        was, now = map(str, (self.before, self.after))
        return f"{self.query}: {now}" if was == now else f"{self.query}: {now}; it was {was}"


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
