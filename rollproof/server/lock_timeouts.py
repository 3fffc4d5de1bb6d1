"""How long others' locks are waited for: less for each further one, so that many locked tables are not many times as long."""

import threading

TRIES = 3  # of the first one that stays locked; whoever stays so long, the next question tries but once
PAUSE = 0.5  # seconds before the second try, and twice that before the third
ALL_SECONDS = 20  # of waiting for locks in one view; then each further one is only looked at
LOOK_SECONDS = 0.1


class Lockouts:
    """What was met so far. `limit` is --lock-timeout, in seconds. Safe to use from several threads."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._waited = 0.0
        self._given_up = False
        self._lock = threading.Lock()

    @property
    def timeout(self) -> float:
        """How long the next lock may be waited for, in seconds."""
        return self._limit if self._waited < ALL_SECONDS else min(self._limit, LOOK_SECONDS)

    def met(self, times: int, closing: threading.Event) -> bool:
        """Learn that a question was locked out for so many times; tell, after a pause, whether it is worth asking again."""
        with self._lock:
            self._waited += self.timeout
            self._given_up |= times == TRIES
        return not self._given_up and not closing.wait(PAUSE * times)
