"""A query every few seconds on the session that holds the snapshot, so that neither end waits for a dead one."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import psycopg
from psycopg.pq import TransactionStatus

from rollproof.server.connection import Connection
from rollproof.server.exported_snapshot import SnapshotExporter
from rollproof.server.sockets import cancel, hang_up
from rollproof.system.background import FROZEN, background

TICK = 0.5
AWAKE = 2.0
"""Seconds: if longer went by between two ticks it was we who stood still (Ctrl-Z, a closed lid), and not the server."""
CANCELLED = 1.0
"""Seconds for the server to cancel what runs at the deadline; then the lines are ended."""


class Heartbeat:
    """A thread that watches the exporting session, the connections of the workers (`lines`) and the deadline.

    `tell` hears of a server that gives no answer. Whoever waits on a line that is dead is woken: the line is hung up.
    """

    def __init__(
        self,
        instants: SnapshotExporter,
        lines: Sequence[Connection],
        tell: Callable[[str], None],
        stop: threading.Event,
    ) -> None:
        self._instants = instants
        self._limits = instants.limits
        self._lines = lines
        self._tell = tell
        self._stop = stop
        self._step = self._limits.silence / 6
        self._of: Connection | None = None
        self._asked: Future[None] | None = None
        self._quiet = 0.0  # seconds, awake, since the last answer
        self._told = 0.0
        self._questions: dict[int, tuple[int, float]] = {}  # by line: which question it is, and since when it runs

    def begin(self) -> None:
        """Start the thread; it ends when `stop` is set or the deadline is reached."""
        threading.Thread(target=self._beat, name="rollproof's heart", daemon=True).start()

    def _beat(self) -> None:
        tick = min(TICK, self._limits.heartbeat / 4)
        before = time.monotonic()
        while not self._stop.wait(max(0.01, min(tick, self._limits.deadline.left))):
            now = time.monotonic()
            passed, before = min(now - before, AWAKE), now
            if self._limits.deadline.left <= 0:
                self._end()
                return
            self._listen(passed)
            self._hang_up_frozen(passed)

    def _listen(self, passed: float) -> None:
        exporter = self._instants.exporter
        if exporter is not self._of:
            self._of, self._asked, self._quiet, self._told = exporter, None, 0.0, 0.0
        if exporter.closed and not self._asked:
            return  # another follows, or none
        self._quiet += passed
        if self._asked is None:
            if self._quiet >= self._limits.heartbeat:
                self._asked = background(self._instants.renew)
        elif self._asked.done():
            self._hear(exporter, self._asked)
        elif self._quiet >= self._limits.silence:
            self._instants.died(exporter, f"no answer for {self._quiet:.0f} s: {FROZEN}")
            for line in (exporter, *self._lines):
                hang_up(line)
        elif self._quiet >= max(2 * self._step, self._told + self._step):
            self._told = self._quiet
            self._tell(f"no answer from {self._instants.target} for {self._quiet:.0f} s: {FROZEN}{self._until}")

    @property
    def _until(self) -> str:
        return f" (giving up at {self._limits.silence:.0f} s)"

    def _hear(self, exporter: Connection, asked: "Future[None]") -> None:
        self._asked = None
        if error := asked.exception():
            why = str(error.diag.message_primary or error) if isinstance(error, psycopg.Error) else str(error)
            self._instants.died(exporter, why.strip())
        elif self._told:
            self._tell(f"{self._instants.target} answers again, after {self._quiet:.0f} s")
        self._quiet = self._told = 0.0

    def _hang_up_frozen(self, passed: float) -> None:
        """Close a connection whose query has run longer than its statement_timeout."""
        for line in tuple(self._lines):
            asked, since = getattr(line, "asked", 0), 0.0
            if not line.closed and line.pgconn.transaction_status == TransactionStatus.ACTIVE:
                known, so_far = self._questions.get(id(line), (asked, 0.0))
                since = so_far + passed if known == asked else 0.0
            self._questions[id(line)] = (asked, since)
            if since > self._limits.statement_timeout + 2 * self._step:
                hang_up(line)

    def _end(self) -> None:
        exporter = self._instants.exporter
        self._instants.died(exporter, str(self._limits.deadline))
        cancel(self._lines, CANCELLED)
        self._stop.wait(CANCELLED)
        for line in (exporter, *self._lines):
            hang_up(line)
