"""What a command cost, as values. Seconds that say when are counted from the beginning of the run."""

from dataclasses import dataclass

EVERYTHING = "what it cost"
"""What is missing where nothing could be measured."""


@dataclass(frozen=True)
class Span:
    """A lock of this `mode` was held on a table from `began` on for so many `seconds`."""

    mode: str
    began: float
    seconds: float


@dataclass(frozen=True)
class TableLock:
    """The strongest lock on a table (`mode`), for how many seconds in all it was `held`, and how long others waited.

    `reader_waited` and `writer_waited` are the longest waits of one session that reads, or writes, and that came when the lock
    was taken. `size` is the table's, with its indexes, in bytes, before the command. `spans` are the longest locks that were seen.
    What is held for longer where the table is larger, or may be, `grows`.
    """

    table: str
    mode: str
    held: float
    reader_waited: float = 0.0
    writer_waited: float = 0.0
    size: int = 0
    spans: tuple[Span, ...] = ()
    grows: bool = True

    @property
    def waited(self) -> float:
        """The longest time that anybody waited for the table."""
        return max(self.reader_waited, self.writer_waited)


@dataclass(frozen=True)
class Rewrite:
    """A table whose file was written anew, by one of these `statements` (numbers as the proxy counts; none if nobody knows)."""

    table: str
    statements: tuple[int, ...] = ()

    def __str__(self) -> str:
        numbers = " or ".join(map(str, self.statements))
        return f"{self.table} by statement {numbers}" if numbers else self.table


@dataclass(frozen=True)
class Missing:
    """Figures that could not be measured: what they are of ("locks", "waits", "WAL", "temporary files", "disk"), and why."""

    of: str
    why: str

    def __str__(self) -> str:
        return f"{self.of} could not be measured: {self.why}"


@dataclass(frozen=True)
class Figures:
    """What one command cost: `locks` by table, `rewrites`, bytes of WAL, temporary files, disk at most, seconds.

    Tables that it made itself are not counted: nobody waits for them. `peak_disk_bytes` is by how much database and temporary
    files grew at most; `database_bytes` is the database's size before. What is `missing`
    could not be measured, and is 0.
    """

    seconds: float = 0.0
    locks: tuple[TableLock, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    wal_bytes: int = 0
    temporary_bytes: int = 0
    peak_disk_bytes: int = 0
    missing: tuple[Missing, ...] = ()
    database_bytes: int = 0

    def why_not(self, of: str) -> str:
        """Return why something could not be measured; "" if it was."""
        return next((each.why for each in self.missing if each.of in {of, EVERYTHING}), "")

    @property
    def longest(self) -> TableLock | None:
        """The table for which somebody waited longest; None if nobody waited."""
        waited = [lock for lock in self.locks if lock.waited]
        return max(waited, key=lambda lock: lock.waited, default=None)
