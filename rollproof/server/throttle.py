"""Delay scans while replica lag or active sessions exceed the configured limits."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from rollproof.model.errors import Inconclusive
from rollproof.model.names import sql_name
from rollproof.server.connection import Connection
from rollproof.server.transactions import Limits, one

LOOK_SECONDS = 1.0

# On a primary the worst of its replicas; on a standby its own. A replica that has all is not late, however old that is.
# Without the privilege only the process of a replica is told, and everything else is NULL.
_LAG = """
SELECT COALESCE(pg_catalog.max(CASE WHEN r.replay_lsn = r.sent_lsn AND r.state = 'streaming' THEN 0
                                    ELSE EXTRACT(epoch FROM r.replay_lag) END), 0)::float8,
       pg_catalog.count(*) FILTER (WHERE r.state IS NULL)
FROM pg_catalog.pg_stat_replication AS r
"""
_OWN_LAG = """
SELECT CASE WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
            ELSE COALESCE(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()), 0)
       END::float8, 0
"""
_ACTIVE = """
SELECT pg_catalog.count(*) FILTER (WHERE a.state = 'active'),
       pg_catalog.count(*) FILTER (WHERE a.query = '<insufficient privilege>')
FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid <> pg_catalog.pg_backend_pid() AND COALESCE(a.backend_type, 'client backend') = 'client backend'
  AND a.application_name IS DISTINCT FROM pg_catalog.current_setting('application_name')
"""

Transaction = Callable[[], AbstractContextManager[Connection]]


class Throttle:
    """Delays scans. `tell` is called with the reason, and when they go on; all delays together have one budget."""

    def __init__(self, limits: Limits, tell: Callable[[str], None], stop: threading.Event) -> None:
        self.limits = limits
        self._tell = tell
        self._stop = stop
        self._lock = threading.Lock()  # one looks, the others wait for what it sees
        self._left = limits.max_pause

    def wait(self, transaction: Transaction) -> None:
        """Return when a scan may begin. Raises `Inconclusive` if it may not within the budget, or nobody may know.

        `transaction` gives a fresh one for each look: within one the server's statistics stand still.
        """
        if self.limits.max_replica_lag is None and self.limits.max_active_sessions is None:
            return
        with self._lock:
            began, said = time.monotonic(), False
            while why := self._obstacle(transaction):
                if self._left <= 0:
                    raise Inconclusive(
                        f"not read: {why}, for longer than --max-pause {self.limits.max_pause:g} s in all"
                    )
                if not said:
                    self._tell(f"paused: {why}")
                    said = True
                if self._stop.wait(min(LOOK_SECONDS, self._left)):
                    raise Inconclusive(f"not read: {why}, and the run was ended")
                self._left -= min(LOOK_SECONDS, self._left)
            if said:
                self._tell(f"resumed after {time.monotonic() - began:.0f} s")

    def _obstacle(self, transaction: Transaction) -> str:
        limits = self.limits
        with transaction() as connection:
            if limits.max_active_sessions is not None:
                active = _seen(connection, _ACTIVE, "active sessions", "--max-active-sessions")
                if active > limits.max_active_sessions:
                    return f"{active:.0f} other sessions are active, more than --max-active-sessions {limits.max_active_sessions}"
            if limits.max_replica_lag is not None:
                standby = connection.execute(b"SELECT pg_catalog.pg_is_in_recovery()").fetchone() == (True,)
                lag = _seen(connection, _OWN_LAG if standby else _LAG, "replicas' lag", "--max-replica-lag")
                if lag > limits.max_replica_lag:
                    who = "this standby is" if standby else "a replica is"
                    return f"{who} {lag:.1f} s behind, more than --max-replica-lag {limits.max_replica_lag:g}"
        return ""


def _seen(connection: Connection, query: str, what: str, option: str) -> float:
    value, hidden = connection.execute(query.encode()).fetchone() or (0, 1)
    if hidden:
        role = sql_name(str(one(connection, "SELECT current_user")))  # whom a setting may have made another
        raise Inconclusive(
            f"not read: {role} may not see the {what}: GRANT pg_monitor TO {role}, or leave out {option}"
        )
    return float(str(value))
