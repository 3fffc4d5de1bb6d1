"""Sessions that may have written what the server has not counted yet.

A session adds up by itself what it writes, and tells the server when it is idle between two transactions (PostgreSQL 15 and later,
`pgstat_report_stat`): at once if it last did so more than a second ago and nobody is in the way; else ten seconds later, if it
idles for so long; else when a transaction has ended a minute after that. When it ends it tells all. So what was committed before
a `moment` was told by

- a session that began after it, or has ended,
- a client's session that has been idle for longer than ten seconds,
- one that came to idle after it, and again after a query that began a minute later,
- one that has been sending the WAL since before the baseline: what it committed before is in the baseline.

Nothing else is believed: the start of a transaction is that of the message it came in, and others may have ended in the same
message; and workers of extensions may forget to tell.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rollproof.server.reader import Connection

_IDLE = 20.0  # seconds: twice what the server needs
_AGAIN = 61.0
_CLOCK = 60.0  # seconds by which the clock may have been set back since
HIDDEN = "hidden"


class Session(NamedTuple):
    """A session of the same database: times in seconds since 1970 by the server's clock, 0.0 where there is none.

    `since` is when it came to its `state`: "hidden" if the role may not see it, "" if it is no client's; `asked` when its last
    query began, `sends` when it began to send the WAL.
    """

    process: int
    name: str
    now: float
    began: float
    state: str
    since: float
    asked: float
    sends: float


_SESSIONS = """
SELECT a.pid, COALESCE(a.application_name, ''), EXTRACT(epoch FROM clock_timestamp()),
       EXTRACT(epoch FROM a.backend_start),
       CASE WHEN a.query = '<insufficient privilege>' THEN 'hidden'
            WHEN a.backend_type IN ('client backend', 'walsender') THEN COALESCE(a.state, '') ELSE '' END,
       EXTRACT(epoch FROM a.state_change), EXTRACT(epoch FROM a.query_start),
       CASE WHEN a.backend_type = 'walsender' AND a.query LIKE 'START_REPLICATION%' THEN EXTRACT(epoch FROM a.query_start) END
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
AND a.pid <> pg_backend_pid() AND a.pid <> ALL ($1::int4[])
AND COALESCE(a.backend_type, '') NOT IN ('autovacuum worker', 'parallel worker') -- they write no rows; NULL: hidden, too
"""


def sessions(connection: Connection, own: Sequence[int]) -> list[Session]:
    """Return the sessions that may write rows of this database, but for our `own`. Raises what the server raises."""
    rows = connection.execute(_SESSIONS.encode(), (list(own),)).fetchall()
    return [_session(*row) for row in rows]


def _session(process: object, name: object, now: object, began: object, state: object, *times: object) -> Session:
    since, asked, sends = (float(str(each or 0)) for each in times)
    return Session(
        int(str(process)), str(name), float(str(now)), float(str(began or 0)), str(state), since, asked, sends
    )


def moment(connection: Connection) -> float:
    """Return the server's time, in seconds since 1970. Raises what the server raises."""
    row = connection.execute(b"SELECT EXTRACT(epoch FROM clock_timestamp())").fetchone()
    return float(str(row[0])) if row else 0.0


class Unreported:
    """Who may not have told yet what it committed before a `moment`, for a baseline taken at `baseline`; both in seconds."""

    def __init__(self, moment: float, baseline: float) -> None:
        self._moment = moment
        self._baseline = baseline - _CLOCK
        self._idled: dict[tuple[int, float], float] = {}  # when a session came to idle first, after the moment

    def of(self, seen: Sequence[Session]) -> list[Session]:
        """Return those of the sessions, as they are seen now, that may have something to tell."""
        return [each for each in seen if not self._has_told(each)]

    def _has_told(self, session: Session) -> bool:
        if session.state == HIDDEN:
            return False
        if session.began > self._moment:
            return True
        if session.state != "idle":
            return 0 < session.sends < self._baseline
        if session.now - session.since > _IDLE:
            return True
        if session.since < self._moment:
            return False
        return session.asked - self._idled.setdefault((session.process, session.began), session.since) > _AGAIN


def waited_for(unreported: Unreported, look: Callable[[], list[Session]], pause: Callable[[], bool]) -> list[Session]:
    """Return who may still have something to tell, after looking again as long as `pause` says that it is worth while."""
    while (left := unreported.of(look())) and all(each.state != HIDDEN for each in left) and pause():
        continue
    return left
