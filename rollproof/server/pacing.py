"""`--gentle`: the share of time in which we may query, by the server's response time and others' transactions.

What pt-table-checksum and gh-ost do by the time of a chunk: small parts, one at a time, and a rest after each. While others work,
at most a fifth of the time is ours, so that even an application that stood still while we read would keep four fifths of its
speed; less, down to a twentieth, while a tiny question is answered slowly. Where nobody else works, we read without rests.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from rollproof.model.errors import Inconclusive
from rollproof.server.connection import Connection
from rollproof.server.transactions import Limits
from rollproof.system.background import ENDED
from rollproof.system.deadline import Deadline

PART = 0.1  # seconds that one part of a table should take
LEAST, MOST = 0.05, 0.2  # of the time, while others work
STEP = 0.05  # by so much the share grows with each part, where nothing speaks against it
SLOW, SLACK = 3.0, 0.002  # an answer is slow if it takes so many times the quickest, and so many seconds more
LONGEST = 60.0  # seconds of one rest
BYTES = (2**13, 2**20, 2**30)  # of a part: the least, the first, the most
OTHERS = 5.0  # transactions a second that are not ours, from which on others are at work
LOOK, WINDOW = 1.0, 5.0  # seconds between two looks at that, and from the first to the last that count

# An index look-up, as applications do them; nobody need be granted anything.
_PROBE = b"SELECT c.relkind FROM pg_catalog.pg_class AS c WHERE c.oid = 1259"
# Nobody need be granted anything for this either. A session tells it once a second, at the most.
_TRANSACTIONS = b"""
SELECT pg_catalog.sum(pg_catalog.pg_stat_get_db_xact_commit(d.oid) + pg_catalog.pg_stat_get_db_xact_rollback(d.oid))::float8,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_get_activity(NULL) AS a
        WHERE a.application_name = pg_catalog.current_setting('application_name'))
FROM pg_catalog.pg_database AS d
"""


@dataclass(frozen=True)
class Duty:
    """The duty cycle: our share of the time, and the quickest response so far, in seconds."""

    share: float = MOST
    quickest: float = float("inf")

    def adjusted(self, seconds: float, *, alone: bool, together: int = 1) -> "Duty":
        """Return the duty cycle after a response that took `seconds`: half the share if that was slow, else a little more.

        A slower answer never gives a larger share. `alone` says that nobody else is at work; so many verifications `together`
        have one share.
        """
        most = 1.0 if alone else MOST / together
        slow = seconds > SLOW * self.quickest + SLACK
        share = max(LEAST, self.share / 2) if slow else self.share + STEP
        return Duty(min(share, most), min(self.quickest, seconds))

    def rest(self, worked: float) -> float:
        """Return how many seconds to rest after so many of work."""
        return min(worked * (1 / self.share - 1), LONGEST)


def next_size(size: int, seconds: float) -> int:
    """Return how many bytes the next part should have, after one of `size` took so long: at most four times as many."""
    factor = min(max(PART / max(seconds, 1e-6), 1 / 16), 4)
    return min(max(round(size * factor), BYTES[0]), BYTES[2])


@dataclass(frozen=True)
class OtherTransactions:
    """Transactions per second of other sessions, from pg_stat_database less our own: samples of the last seconds."""

    looks: tuple[tuple[float, float], ...] = ()

    @property
    def last(self) -> float:
        """When it was looked last."""
        return self.looks[-1][0] if self.looks else float("-inf")

    @property
    def rate(self) -> float:
        """How many a second were not ours; infinite as long as nobody knows. A session tells of its own up to a second later."""
        (first, before), (last, now) = (self.looks[0], self.looks[-1]) if self.looks else ((0.0, 0.0), (0.0, 0.0))
        return max(now - before, 0) / (last - first) if last > first else float("inf")

    def seen(self, at: float, counted: float, ours: int) -> "OtherTransactions":
        """Return what a further look tells."""
        recent = [
            look
            for number, look in enumerate(self.looks)
            if at - self.looks[min(number + 1, len(self.looks) - 1)][0] < WINDOW
        ]
        return OtherTransactions((*recent, (at, counted - ours)))


class Pace:
    """The pacing of one server: one query of ours at a time, each followed by a pause. Thread-safe.

    `worked` and `rested` are seconds so far, `asked` counts our transactions; `size` is how many bytes the next part should have.
    """

    def __init__(self) -> None:
        self.worked = 0.0
        self.rested = 0.0
        self.size = BYTES[1]
        self.duty = Duty()
        self.others = OtherTransactions()
        self.views = 0
        self.together = 1
        self._began = time.monotonic()
        self._turn = threading.Lock()
        self._until = 0.0
        self.asked = 0
        self._last = 0.0

    @contextmanager
    def turn(self, stop: threading.Event, deadline: Deadline) -> Iterator[None]:
        """Wait until it is our turn and the last rest is over; what is done inside is work.

        Raises `Inconclusive` when `stop` is set, and at the `deadline`.
        """
        while not self._turn.acquire(timeout=0.1):
            _require_going_on(stop, deadline)
        try:
            began = time.monotonic()
            stop.wait(min(max(self._until - began, 0), max(deadline.left, 0)))
            _require_going_on(stop, deadline)
            at = time.monotonic()
            self.rested += at - began
            try:
                yield
            finally:
                self.asked += 1
                self._last = time.monotonic() - at
                self.worked += self._last
                self._until = at + self._last + self.duty.rest(self._last)
        finally:
            self._turn.release()

    def forgive(self) -> None:
        """Do not count the last query as work: it waited for a lock."""
        with self._turn:
            self.worked -= self._last
            self._last = self._until = 0.0

    def listen(self, connection: Connection) -> None:
        """Ask the tiny question, and from time to time what others do, in a transaction of ours that has begun."""
        began = time.monotonic()
        connection.execute(_PROBE).fetchone()
        answered = time.monotonic()
        if answered - self.others.last >= LOOK:
            counted, sessions = connection.execute(_TRANSACTIONS).fetchone() or (0, 0)
            self.together = max(int(str(sessions)) // (2 * max(self.views, 1)), 1)  # two for each view, ours and theirs
            self.others = self.others.seen(answered, float(str(counted)), self.asked)
        self.duty = self.duty.adjusted(answered - began, alone=self.others.rate < OTHERS, together=self.together)

    def learn(self, size: int, seconds: float) -> None:
        """Learn how long a part of so many bytes took."""
        self.size = next_size(size, seconds)

    @property
    def resting(self) -> float:
        """The share of the time so far that was rests."""
        return self.rested / max(self.rested + self.worked, 1e-6)

    @property
    def note(self) -> str:
        """What a reader of the report must know."""
        whole = time.monotonic() - self._began
        return f"read gently: {lasting(self.rested)} of {lasting(whole)} were rests (--gentle)"


def lasting(seconds: float) -> str:
    """Return a time in words."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 (two minutes)


def _require_going_on(stop: threading.Event, deadline: Deadline) -> None:
    deadline.require()
    if stop.is_set():
        raise Inconclusive(ENDED)


def pace_of(limits: Limits, beside: Pace | None) -> Pace | None:
    """Return the pacing to use, shared between readers of one server; None: no pacing."""
    if not limits.gentle:
        return None
    pace = beside or Pace()
    pace.views += 1
    return pace


def turn(pace: Pace | None, stop: threading.Event, deadline: Deadline) -> AbstractContextManager[None]:
    """Return a context for one query; without pacing it is empty."""
    return pace.turn(stop, deadline) if pace else nullcontext()
