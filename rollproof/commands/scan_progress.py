"""How far a verification or a baseline is, in words; and told on stderr while a command waits.

On a terminal it is a line that changes; in a log a line for each large table, and one now and then.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import NamedTuple

from rollproof.rows.progress import NO_PROGRESS, Progress
from rollproof.server.reader import SnapshotReader
from rollproof.system.output import Door

QUIET_SECONDS = 1.0  # most databases are read by then
LOOKS = 0.5  # seconds between two looks
LARGE = 256 * 2**20  # bytes; the other tables are not worth a line in a log
EVERY = 60.0  # seconds after which a log is told how far it is, whatever was read
_GB = 1e9


class Seen(NamedTuple):
    """How far reading is: kinds of definitions that were `read` and `asked` for, and the scans of tables."""

    read: int = 0
    asked: int = 0
    scans: Progress = NO_PROGRESS

    @property
    def is_reading(self) -> bool:
        """Whether somebody waits for definitions or scans, and not for something else."""
        return self.read < self.asked or self.scans.done < self.scans.total


Show = Callable[[Callable[[], Seen]], AbstractContextManager[object]]
"""Makes what shows how far reading is, as the function sees it, again and again while the block under it waits."""


def seen_of(views: Iterable[SnapshotReader], *scans: Progress) -> Seen:
    """Return how far these views are with definitions, and the scans with tables."""
    read, asked = (sum(numbers) for numbers in zip((0, 0), *(view.definitions for view in [*views]), strict=True))
    return Seen(read, asked, sum(scans, NO_PROGRESS))


class Words:
    """How far it is, in words; remembers since when it waits, since when it scans, and which tables it told of."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()
        self._scans_since: float | None = None
        self._told: set[str] = set()

    def line(self, seen: Seen) -> str:
        """Return the line for a terminal."""
        told = [] if seen.asked or seen.scans.total else ["connecting"]
        if seen.read < seen.asked:
            told.append(f"definitions {seen.read} of {seen.asked}")
        if seen.scans.total:
            told.append(sentence(seen.scans, self._scanning(seen.scans)))
        if not seen.is_reading:
            told.append(f"waiting for {time.monotonic() - self._began:,.0f} s")
        return " · ".join(told)

    def lines(self, seen: Seen) -> Iterator[str]:
        """Yield the lines for a log: of large tables that are read, and now and then how far it is."""
        for table in sorted(set(seen.scans.tables) - self._told):
            self._told.add(table)
            if seen.scans.tables[table] >= LARGE:
                self._said = time.monotonic()
                size = gigabytes(seen.scans.tables[table])
                yield f"{table} is read, {size} GB · {sentence(seen.scans, self._scanning(seen.scans))}"
        if time.monotonic() - self._said > EVERY:
            self._said = time.monotonic()
            yield self.line(seen)

    def _scanning(self, scans: Progress) -> float:
        """Return for how many seconds tables have been scanned."""
        now = time.monotonic()
        if self._scans_since is None:
            self._scans_since = self._began if scans.done else now
        return now - self._scans_since


def sentence(progress: Progress, seconds: float) -> str:
    """Return how much is read, how fast, and the estimated time left."""
    read = f"{gigabytes(progress.done)} of {gigabytes(progress.total)} GB read"
    if not progress.done or not seconds:
        return read
    rate = progress.done / seconds
    left = (progress.total - progress.done) / rate
    gently = f", gently: {progress.resting:.0%} of the time are rests" if progress.resting else ""
    return f"{read}, {rate / 1e6:,.0f} MB/s, about {left:,.0f} s left{gently}"


def gigabytes(size: float) -> str:
    """Return a number of bytes in GB, as people read it."""
    return f"{size / _GB:,.2f}" if size < _GB else f"{size / _GB:,.1f}"


class ScanProgress:
    """A thread that looks again and again, and tells on stderr what it sees."""

    def __init__(self, look: Callable[[], Seen]) -> None:
        self._look = look
        self._words = Words()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()
        self._draw("")

    def _watch(self) -> None:
        wait = QUIET_SECONDS
        while not self._end.wait(wait):
            wait, seen = LOOKS, self._look()
            if sys.stderr.isatty():
                self._draw(self._words.line(seen))
                continue
            for line in self._words.lines(seen):
                sys.stderr.write(f"rollproof: {line}\n")
                sys.stderr.flush()

    def _draw(self, line: str) -> None:
        if isinstance(sys.stderr, Door) and sys.stderr.isatty():
            sys.stderr.draw(line)
