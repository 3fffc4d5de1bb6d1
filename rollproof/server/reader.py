"""One snapshot of a database, read by several sessions side by side."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from typing import Self, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from rollproof.model.errors import Crowded, Inconclusive
from rollproof.server.connection import Connection, Target, connect
from rollproof.server.exported_snapshot import DatabaseIdentity, ExportedSnapshot, SnapshotExporter
from rollproof.server.heartbeat import Heartbeat
from rollproof.server.lock_timeouts import LockTimeouts
from rollproof.server.pacing import Pace, pace_of, turn
from rollproof.server.planning_guard import PlanningGuard
from rollproof.server.relation_identity import require_same_relations
from rollproof.server.retries import AT_ONCE, Retries, pause_after_loss
from rollproof.server.sockets import cancel, hang_up
from rollproof.server.sqlstates import CONFLICT, GIVEN_UP, LOCKED, cause, reason, verdict
from rollproof.server.throttle import Throttle
from rollproof.server.transactions import Limits, one, pinned
from rollproof.server.workers import Workers
from rollproof.system.background import Patience, background, let_go

__all__ = ["Connection", "Limits", "SnapshotReader", "Target", "close_all", "connect", "one", "pinned", "reason"]

T = TypeVar("T")
_Asked = Callable[[Connection], T]
_Names = tuple[str, ...]

CLOSE_SECONDS = 2.0
"""How long the server may take to cancel what runs when we go; then we go without its word."""


class SnapshotReader:
    """Several sessions that read one snapshot.

    One session exports its snapshot and idles, holding one lock; the workers import it, and each question they are asked
    is one transaction, so the locks of a question are gone when it is answered. A question whose connection is lost is
    asked once more. If the snapshot was lost too, what is not yet done is read at another instant, and `notes` says so;
    `tell` hears of pauses, new instants and a server that gives no answer, when they happen.

    Whoever waits for it can be interrupted at any time: only threads that nobody has to wait for ever wait for a server.
    """

    definitions = (0, 0)  # how many facets of the catalogue were read, and of how many
    is_alone = False  # nobody else uses the database
    _refused = False  # no session could be opened

    def __init__(
        self,
        target: Target,
        limits: Limits,
        tell: Callable[[str], None] = lambda _: None,
        beside: "SnapshotReader | None" = None,
    ) -> None:
        self.target = target
        self.limits = replace(limits, jobs=1) if limits.gentle else limits
        self.tell = tell
        self._closing = threading.Event()
        self._waiting = Patience(self._closing, limits.silence, limits.deadline, self._speak)
        self._told: list[str] = []
        self._workers = Workers(self.limits.jobs)
        self._instants = self._opened_instants()
        others = beside.pace if beside and self.place.is_on_the_server_of(beside.place) else None
        self.pace: Pace | None = pace_of(self.limits, others)
        self._patience = Throttle(limits, self._say, self._closing)
        self._watch = PlanningGuard(trust=limits.trust_functions)
        self.version = self._instants.exporter.info.server_version
        self._mine = threading.local()
        self._opened: list[Connection] = []
        self._at_close: list[Callable[[], None]] = []
        self._lockouts = LockTimeouts(limits.lock_timeout)
        Heartbeat(self._instants, self._opened, self._speak, self._closing).begin()

    def _opened_instants(self) -> SnapshotExporter:
        opening = self._workers.submit(partial(SnapshotExporter, self.target, self.limits, self._waiting))
        try:
            return opening.result()
        except BaseException:
            self._closing.set()
            self._workers.end()
            let_go(opening, SnapshotExporter.close)
            raise

    @property
    def processes(self) -> tuple[int, ...]:
        """The server's processes that work for us; behind a pooler these numbers mean nothing."""
        return tuple(one.info.backend_pid for one in (*self._opened, self._instants.exporter) if not one.closed)

    @property
    def place(self) -> DatabaseIdentity:
        """Which database is read."""
        return self._instants.seen[0][0].place

    @property
    def role(self) -> str:
        """As whom it is read."""
        return self.place.role

    @property
    def snapshot(self) -> str:
        """The name of the exported snapshot. Raises `Inconclusive` if there is none any more."""
        return self._instants.current().snapshot

    @property
    def encrypted(self) -> bool:
        """Whether the session speaks TLS."""
        return bool(self._instants.exporter.pgconn.ssl_in_use)

    def at_close(self, let_go: Callable[[], None]) -> None:
        """Call `let_go` when the reader is closed, before its sessions are."""
        self._at_close.append(let_go)

    @property
    def instants(self) -> int:
        """How many there were so far."""
        return len(self._instants.seen)

    @property
    def taken(self) -> tuple[str, ...]:
        """When each of them was, by the server's clock, as it prints it."""
        return tuple(instant.taken for instant, _ in self._instants.seen)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the facts must know: pauses, and that several instants were seen."""
        gently = [self.pace.note] if self.pace else []
        return (*self._told, *gently, *self._watch.notes, *self._instants.notes)

    def submit(
        self, ask: Callable[[Connection], T], *, patient: bool = False, settled: bool = False, reads: Iterable[str] = ()
    ) -> "Future[T]":
        """Query in a transaction of its own, by a worker; the future raises `Inconclusive` if the server refused.

        The question may be asked more than once. A `patient` one waits while the server has enough to do. The future raises
        `Inconclusive`, too, if a table that was read is not the snapshot's any more; a `settled` question sees to that itself.
        `reads` are all relations but PostgreSQL's own that the question plans over, as they stand in FROM: one that must not be
        is `NotRead`.
        """
        return self._workers.submit(partial(self._ask, ask, patient=patient, settled=settled, reads=tuple(reads)))

    def ask(self, ask: Callable[[Connection], T], *, reads: Iterable[str] = ()) -> T:
        """As `submit`, but ahead of the queue, and wait for the result."""
        return self._workers.submit(partial(self._ask, ask, reads=tuple(reads)), urgent=True).result()

    def now(self, ask: Callable[[Connection], T]) -> T:
        """As `ask`, but of the database as it is now, outside the snapshot."""
        return self._workers.submit(partial(self._ask, ask, now=True, settled=True), urgent=True).result()

    def refused(self, reads: Iterable[str]) -> dict[str, str]:
        """Return why relations must not be read, of those that must not; each will be looked at again when it is read."""
        return self.now(partial(self._watch.refused, wanted=tuple(reads)))

    def _ask(
        self, ask: _Asked[T], *, patient: bool = False, now: bool = False, settled: bool = False, reads: _Names = ()
    ) -> T:
        again = Retries()
        while True:
            self.limits.deadline.require()
            if patient:
                self._wait()
            instant, connection = self._instants.current(), self._connection()
            try:
                with self._transaction(connection, instant, reads, now=now, settled=settled):
                    again.opened = True
                    if self.pace:
                        self.pace.listen(connection)
                    return ask(connection)
            except (psycopg.Error, Inconclusive) as error:
                refusal = cause(error)
                self._require_time(refusal, error)
                if refusal is None:
                    raise
                if self._closing.is_set() or not self._worth_asking_again(
                    again, refusal, instant, connection, hasty=bool(reads)
                ):
                    raise Inconclusive(self._last_word(error, again, instant, connection)) from error

    @contextmanager
    def _transaction(
        self, connection: Connection, instant: ExportedSnapshot, reads: _Names, *, now: bool, settled: bool
    ) -> Iterator[None]:
        """When it is our turn, and planning what reads these tables runs no user's function; what is read must stay what it was."""
        with turn(self.pace, self._closing, self.limits.deadline):
            self._watch.require(partial(self._aside, connection), reads)  # as late as can be: after any rest
            with pinned(connection, self._limits_of(instant, bool(reads)), None if now else instant.snapshot):
                yield
                if not settled and connection.info.transaction_status == TransactionStatus.INTRANS:
                    require_same_relations(connection)

    def _last_word(self, error: Exception, again: Retries, instant: ExportedSnapshot, connection: Connection) -> str:
        if not (again.opened or connection.closed):
            return f"the instant being read was lost with its session ({cause(error)}); run again"
        return verdict(error, connection, self.limits, self.role, overdue=instant.left(self.limits) <= 0)

    def _aside(self, connection: Connection) -> AbstractContextManager[Connection]:
        if self.pace:
            self.pace.asked += 1
        return pinned(connection, self.limits)

    def _require_time(self, refusal: psycopg.Error | None, error: Exception) -> None:
        """Say of what is given up at the deadline that it was; the server's clock may be a little ahead of ours."""
        given_up = refusal is not None and (refusal.sqlstate == GIVEN_UP or refusal.sqlstate is None)
        if self.limits.deadline.left <= (1 if given_up else 0):
            raise Inconclusive(str(self.limits.deadline)) from error

    def _wait(self) -> None:
        """Let the patience decide; it may be the one whose connection is lost."""
        for last in (False, True):
            try:
                self._patience.wait(lambda: self._aside(self._connection()))
            except psycopg.Error as error:
                if last or self._closing.is_set():
                    raise Inconclusive(f"not read: {reason(error, self.role)}") from error
            else:
                return

    def _worth_asking_again(
        self, again: Retries, refusal: psycopg.Error, instant: ExportedSnapshot, connection: Connection, *, hasty: bool
    ) -> bool:
        if refusal.sqlstate == LOCKED:
            if self.pace:
                self.pace.forgive()
            return again.after_lock(self._lockouts, self._closing, hasty=hasty)
        late = refusal.sqlstate == GIVEN_UP and instant.left(self.limits) <= 0 and self.limits.several_snapshots
        lost = connection.closed or refusal.sqlstate == CONFLICT or not again.opened
        if again.lost or not (late or lost):
            return False
        again.lost, again.opened = True, False
        if lost:
            pause_after_loss(refusal, self._closing)
            known = self.instants
            self._instants.lost(instant, str(refusal.diag.message_primary or refusal).strip())
            if self.instants > known:
                self._say(f"the connection to {self.target} was lost: what is not yet done is read at another instant")
        return True

    def _limits_of(self, instant: ExportedSnapshot, hasty: bool) -> Limits:  # noqa: FBT001
        """No statement may outlive the snapshot; the server sees to it, even if we are gone."""
        wait = min(self._lockouts.timeout, AT_ONCE) if hasty else self._lockouts.timeout
        longest = min(self.limits.statement_timeout, instant.left(self.limits))
        return replace(self.limits, statement_timeout=longest, lock_timeout=wait)

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._mine, "connection", None)
        if connection is None or connection.closed:
            try:
                others = lambda: any(not other.closed for other in self._opened)  # noqa: E731
                connection = connect(self.target, again=not self._refused, waiting=self._waiting, others=others)
            except Crowded as error:
                self._say(f"fewer sessions than --jobs read, for there is room for no more: {error}")
                raise
            except Inconclusive:
                self._refused = True  # the next question need not wait as long
                raise
            self._mine.connection = connection
            self._opened.append(connection)
        return connection

    def _say(self, text: str) -> None:
        self._told.append(text)
        self.tell(text)

    def _speak(self, text: str) -> None:
        self.tell(text)  # only for whoever is waiting; who that is may be known later

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Cancel running queries, drop queued ones and close the sessions, within a few seconds whatever the server does."""
        self._closing.set()
        others = [background(let_go_of) for let_go_of in self._at_close]
        self._workers.end()
        end = time.monotonic() + CLOSE_SECONDS
        while not self._workers.ended(0) and time.monotonic() < end:
            cancel(self._opened, 0.5)  # again and again: a question that was about to begin is met at the next turn
            self._workers.ended(0.2)
        for connection in self._opened:
            hang_up(connection)
        self._workers.ended(1)
        for connection in self._opened:
            connection.close()
        self._instants.close()
        wait(others, CLOSE_SECONDS)


def close_all(views: Iterable[SnapshotReader]) -> None:
    """Close several readers side by side, so that two dead servers take no longer than one."""
    wait([background(view.close) for view in views])
