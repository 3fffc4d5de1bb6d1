"""What a command cost, as values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TableLock:
    """The strongest lock that was held on a table, for how many seconds, and how long a reader and a writer waited at most."""

    table: str
    mode: str
    held: float
    reader_waited: float = 0.0
    writer_waited: float = 0.0


@dataclass(frozen=True)
class Figures:
    """What one command cost: `locks` by table, `rewrites` (tables), bytes of WAL, temporary files and disk at most, seconds."""

    seconds: float = 0.0
    locks: tuple[TableLock, ...] = ()
    rewrites: tuple[str, ...] = ()
    wal_bytes: int = 0
    temporary_bytes: int = 0
    peak_disk_bytes: int = 0
