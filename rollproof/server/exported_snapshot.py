"""The session that exports a snapshot (pg_export_snapshot), and its successor when it is lost or too old."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.model.names import sql_name
from rollproof.model.printable import remember
from rollproof.model.timestamps import shown
from rollproof.server.connection import Connection, Target, connect
from rollproof.server.sockets import answering, hang_up
from rollproof.server.sqlstates import reason, unknown_cluster
from rollproof.server.transactions import Limits, cluster, milliseconds, one, pinned
from rollproof.system.background import FROZEN, Patience, in_plain_words

_IDLE = "idle_in_transaction_session_timeout"
_WHEN_AND_WHERE = b"SELECT now()::text, pg_postmaster_start_time()::text, current_database(), current_user"


@dataclass(frozen=True)
class DatabaseIdentity:
    """A database's identity: the cluster's system identifier ("" where the role may not read it), when the server was started.

    `role` is who we are there: a setting of the role or of the database may make us another than the one that logged in.
    """

    system: str
    started: str
    database: str
    role: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        remember([sql_name(self.role), sql_name(self.database)])  # who and what every advice is about

    def is_same(self, other: "DatabaseIdentity") -> bool:
        """Tell whether both are one database. A standby and its primary are one; unknown clusters are, if they started at once."""
        known = self.system and other.system
        alike = self.system == other.system if known else self.started == other.started
        return alike and self.database == other.database

    def is_on_the_server_of(self, other: "DatabaseIdentity") -> bool:
        """Tell whether one server has both databases; unsure is no."""
        return (self.system, self.started) == (other.system, other.started)


@dataclass(frozen=True)
class ExportedSnapshot:
    """One exported snapshot: its name for SET TRANSACTION SNAPSHOT, the server's time, our monotonic time, the database."""

    snapshot: str
    taken: str
    began: float
    place: DatabaseIdentity

    def left(self, limits: Limits) -> float:
        """Return for how many more seconds it may be read."""
        return (
            float("inf") if limits.max_snapshot_age is None else self.began + limits.max_snapshot_age - time.monotonic()
        )


class SnapshotExporter:
    """Holds the session that exports the snapshot; it idles and holds one lock. Exports another one where that is allowed.

    `seen` are all instants so far, with the reason why each followed the one before it. The server ends that session when
    it was not asked for a sign of life (`renew`) for `limits.silence` seconds, or the snapshot is too old: we may be gone.
    """

    def __init__(self, target: Target, limits: Limits, waiting: Patience) -> None:
        self.target = target
        self.limits = limits
        self.seen: list[tuple[ExportedSnapshot, str]] = []
        self._waiting = waiting
        self._lock = threading.Lock()
        self._over = ""  # why there will be no further instant
        self._died: tuple[Connection, str] | None = None
        self.exporter = self._take("it is the first", again=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """That several instants were read, with the reasons; nothing of a single one."""
        (first, _), *more = self.seen
        later = [shown(first.taken), *(f"from {shown(instant.taken)} on, because {why}" for instant, why in more)]
        several = (
            f"{self.target} was read at {len(self.seen)} instants, so its facts are not of one moment: the first is "
        )
        return (several + "; ".join(later),) if more else ()

    def current(self) -> ExportedSnapshot:
        """Return the snapshot to read. Raises `Inconclusive` if it is gone and no other may follow."""
        with self._lock:
            if self._over:
                raise Inconclusive(self._over)
            if why := self._dead():
                self._next(why)
            if self._latest.left(self.limits) <= 0:
                self._follow(
                    "the snapshot was as old as --max-snapshot-age allows", allowed=self.limits.several_snapshots
                )
            return self._latest

    def lost(self, instant: ExportedSnapshot, why: str) -> None:
        """Handle a snapshot that could not be imported: if its session is gone, export another. Raises as `current` does."""
        with self._lock:
            if instant is not self._latest or self._over or self._alive():
                return
            self._next(self._dead() or why)

    def died(self, exporter: Connection, why: str) -> None:
        """Note that a session is gone, or as good as gone; the first reason counts. Does not block."""
        if self._died is None or self._died[0] is not exporter:
            self._died = (exporter, why)

    def renew(self) -> None:
        """Ask the session that holds the snapshot for a sign of life, and the server to keep it for a while longer.

        Raises what the server raises; waits for the answer as long as it takes.
        """
        idle = milliseconds(self._idle(self._latest.began))
        self.exporter.execute(f"SELECT pg_catalog.set_config('{_IDLE}', '{idle}', true)".encode())

    def close(self) -> None:
        """Close the exporting session."""
        hang_up(self.exporter)  # a sign of life may be waited for
        self.exporter.close()

    @property
    def _latest(self) -> ExportedSnapshot:
        return self.seen[-1][0]

    def _idle(self, began: float) -> float:
        age = float("inf") if self.limits.max_snapshot_age is None else self.limits.max_snapshot_age
        return min(self.limits.silence, began + age - time.monotonic(), self.limits.deadline.left)

    def _dead(self) -> str:
        return self._died[1] if self._died and self._died[0] is self.exporter else ""

    def _next(self, why: str) -> None:
        allowed = self.limits.several_snapshots or len(self.seen) <= self.limits.reconnects
        self._follow(f"the session that held the snapshot was lost ({in_plain_words(why)})", allowed=allowed)

    def _alive(self) -> bool:
        try:
            self.exporter.execute(b"SELECT 1")
        except psycopg.Error:
            return False
        return True

    def _follow(self, why: str, *, allowed: bool) -> None:
        again = FROZEN not in why  # who was silent for so long is not waited for as one that restarts
        self.close()  # at once: vacuum waits for it
        if not allowed:
            self._over = f"{why}; what was not read by then is not known\nrun again, or pass --several-snapshots"
            raise Inconclusive(self._over)
        for last in (not self.limits.several_snapshots, True):
            try:
                self.exporter = self._take(why, again=again)
            except Inconclusive as error:
                if last:
                    self._over = f"{why}; {error}"
                    raise Inconclusive(self._over) from error
            else:
                return

    def _take(self, why: str, *, again: bool) -> Connection:
        exporter = connect(self.target, again=again, waiting=self._waiting)
        transaction = pinned(exporter, self.limits, idle=self._idle(time.monotonic()))
        try:
            with answering(exporter, max(0.1, min(self.limits.silence, self.limits.deadline.left))):
                transaction.__enter__()
                began = time.monotonic()
                snapshot = str(one(exporter, "SELECT pg_catalog.pg_export_snapshot()"))
                taken, *where = map(str, exporter.execute(_WHEN_AND_WHERE).fetchone() or ("", "", "", ""))
                place = DatabaseIdentity(cluster(exporter), *where)
        except psycopg.Error as error:
            self.limits.deadline.require()
            with suppress(psycopg.Error):
                exporter.close()
            raise Inconclusive(f"{self.target}: {reason(error, exporter.info.user)}") from error
        if self.seen and not place.is_same(first := self.seen[0][0].place):
            exporter.close()
            known = first.system and place.system
            doubt = "" if known else f"\n{unknown_cluster(exporter.info.user)}"
            raise Inconclusive(
                f"{self.target} {'is' if known else 'may be'} another database than a moment ago: run again{doubt}"
            )
        self.seen.append((ExportedSnapshot(snapshot, taken, began, place), why))
        self._transaction = transaction  # a generator that is collected would end the transaction
        return exporter
