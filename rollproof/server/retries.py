"""How often a query is retried, and with which lock_timeout."""

import threading
import time
from dataclasses import dataclass

import psycopg

from rollproof.server.lock_timeouts import LockTimeouts

AT_ONCE = 0.001
"""How long, in seconds, the server may wait for a lock once we saw what may be read: while it waits, that may change."""
LOOK_AGAIN = 0.2  # seconds
SETTLED = 1.0  # seconds


@dataclass
class Retries:
    """The attempts of one query."""

    opened: bool = False
    lost: bool = False
    locked: int = 0
    _since: float | None = None

    def after_lock(self, timeouts: LockTimeouts, closing: threading.Event, *, hasty: bool) -> bool:
        """Tell, after a pause, whether to retry a query that met a lock; a `hasty` one waits `AT_ONCE` each time."""
        if hasty and self.waits(timeouts.timeout):
            return not closing.wait(LOOK_AGAIN)
        self.locked += 1
        return timeouts.met(self.locked, closing)

    def waits(self, lock_timeout: float) -> bool:
        """Tell whether a lock that was met `AT_ONCE` may be met again, so long as one try waits for it."""
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        if now - self._since < lock_timeout:
            return True
        self._since = None
        return False


def pause_after_loss(refusal: psycopg.Error, closing: threading.Event) -> None:
    """Wait a moment if the line broke without a word: of one process that was killed the server ends all others, soon after."""
    if refusal.sqlstate is None:
        closing.wait(SETTLED)
