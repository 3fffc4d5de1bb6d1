"""How far scans are, in words; and told on stderr while a command waits: a line that changes on a terminal, lines in a log."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType

from rollproof.model.amounts import counted
from rollproof.rows.scanner import Progress
from rollproof.system.output import Door

QUIET_SECONDS = 3.0  # most databases are read by then
LARGE = 256 * 2**20  # bytes; the other tables are not worth a line in a log
EVERY = 60.0  # seconds after which a log is told how far it is, whatever was read

Watch = Callable[[Callable[[], Progress]], AbstractContextManager[object]]
"""Makes what looks at a progress, again and again, while the block under it waits."""


def sentence(progress: Progress, seconds: float) -> str:
    """Return how much is read, how fast, and the estimated time left."""
    read = f"read {gigabytes(progress.done)} of {gigabytes(progress.total)}"
    if not progress.done:
        return read
    rate = progress.done / seconds
    left = (progress.total - progress.done) / rate
    gently = f", gently: {progress.resting:.0%} of the time are rests" if progress.resting else ""
    return f"{read}, {rate / 1e6:,.0f} MB/s, about {left:,.0f} s left{gently}"


def gigabytes(size: float) -> str:
    """Return a number of bytes as people read it."""
    return f"{size / 1e9:,.2f} GB"


def large_tables(progress: Progress, seconds: float, told: set[str]) -> Iterator[str]:
    """Yield a line for each large table that is read and not yet among those `told`; they are added."""
    for table in sorted(set(progress.tables) - told):
        told.add(table)
        if progress.tables[table] >= LARGE:
            yield f"{table} is read, {gigabytes(progress.tables[table])}; {sentence(progress, seconds)}"


class ScanProgress:
    """A thread that looks once a second, and tells on stderr what it sees."""

    def __init__(self, look: Callable[[], Progress]) -> None:
        self._look = look
        self._began = self._said = time.monotonic()
        self._told: set[str] = set()
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
            wait, seconds, progress = 1.0, time.monotonic() - self._began, self._look()
            if sys.stderr.isatty():
                self._draw(_in_words(progress, seconds))
                continue
            for line in large_tables(progress, seconds, self._told):
                self._say(line)
            if time.monotonic() - self._said > EVERY:
                self._say(_in_words(progress, seconds))

    def _say(self, line: str) -> None:
        self._said = time.monotonic()
        sys.stderr.write(f"rollproof: {line}\n")
        sys.stderr.flush()

    def _draw(self, line: str) -> None:
        if isinstance(sys.stderr, Door) and sys.stderr.isatty():
            sys.stderr.draw(line)


def _in_words(progress: Progress, seconds: float) -> str:
    if not progress.total:
        return f"reading definitions and sizes, for {seconds:,.0f} s"
    tables = counted(len(progress.tables), "table")
    if progress.done < progress.total:
        return f"{tables}; {sentence(progress, seconds)}"
    return f"{tables}, all {gigabytes(progress.total)} are read; waiting for what comes after the scans, for {seconds:,.0f} s"
