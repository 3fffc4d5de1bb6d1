"""The lock_timeout of each query: less after each lock that was met, so that many locked tables do not add up."""

import threading

TRIES = 3  # of the first one that stays locked; whoever stays so long, the next question tries but once
PAUSE = 0.5  # seconds before the second try, and twice that before the third
ALL_SECONDS = 20  # of waiting for locks in one view; then each further one is only looked at
LOOK_SECONDS = 0.1


class LockTimeouts:
    """The locks met so far. `limit` is --lock-timeout, in seconds. Thread-safe."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._waited = 0.0
        self._given_up = False
        self._lock = threading.Lock()

    @property
    def timeout(self) -> float:
        """The lock_timeout of the next query, in seconds."""
        return self._limit if self._waited < ALL_SECONDS else min(self._limit, LOOK_SECONDS)

    def met(self, times: int, closing: threading.Event) -> bool:
        """Note that a query met a lock for the `times`-th time; tell, after a pause, whether to retry."""
        with self._lock:
            self._waited += self.timeout
            self._given_up |= times == TRIES
        return not self._given_up and not closing.wait(PAUSE * times)
