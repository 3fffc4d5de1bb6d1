"""Progress for those who watch, and signals from those who have seen enough."""

import logging
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from .errors import Interrupted

logger = logging.getLogger("data_migration")


def open_log(path: str) -> None:
    """Send progress to stderr and, unless `path` is empty, to the end of a file (for `tail -f`)."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    trouble = None
    if path:
        try:
            handlers.append(logging.FileHandler(Path(path), encoding="utf-8"))
        except OSError as error:  # at 2 a.m. a full or read-only disk here must not stop what runs there
            trouble = error
    form = logging.Formatter("%(asctime)s %(levelname)-7s %(message)s")
    for handler in handlers:
        handler.setFormatter(form)
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    if trouble:
        logger.warning("no log file: %s", trouble)


class Stop:
    """Remembers a signal until a place where stopping is safe: before a statement, never in the middle of a commit."""

    def __init__(self) -> None:
        self.signal_number: int | None = None

    def listen(self) -> None:
        """Take SIGTERM, SIGINT and, where there is one, SIGHUP."""
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            if number := getattr(signal, name, None):
                signal.signal(number, self._remember)

    def check(self) -> None:
        """Raise `Interrupted` if a signal has come; once, so that cleaning up is not interrupted too."""
        if self.signal_number is not None:
            number, self.signal_number = self.signal_number, None
            raise Interrupted(number)

    def sleep(self, seconds: float) -> None:
        """Wait, but not for longer than somebody wants."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            time.sleep(min(0.1, left))

    def _remember(self, number: int, _frame: FrameType | None) -> None:
        if self.signal_number is not None:
            raise KeyboardInterrupt  # the driver then cancels the statement on the server, too
        self.signal_number = number
        logger.warning("signal %d: stopping after this statement (once more: cancel the statement)", number)


class Progress:
    """Says how far a table's copy is, after each batch."""

    def __init__(self, table: str, done: int, total: int) -> None:
        self.table, self.before, self.total = table, done, total
        self.batch = 0
        self.began = time.monotonic()

    def report(self, done: int) -> None:
        """Log table, batch, rows, rate and the time still needed; `done` counts rows of earlier runs, too."""
        self.batch += 1
        rate = (done - self.before) / max(time.monotonic() - self.began, 0.001)
        left = (self.total - done) / rate if rate else 0.0
        share = 100 * done / self.total if self.total else 100.0
        logger.info(
            "%s: batch %d, %s of %s rows (%.0f %%), %s rows/s, %.0f s to go",
            self.table, self.batch, f"{done:,}", f"{self.total:,}", share, f"{rate:,.0f}", max(left, 0),
        )  # fmt: skip
