"""Who else is at work in the database: sessions, how long their transactions have lasted, and which tables they lock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive
from rollproof.model.names import sql_name
from rollproof.server.connection import APPLICATION, Connection

# What a session without our rights to see it does is NULL; that it is there, and whose it is, everybody may know.
_SESSIONS = """
SELECT a.pid, COALESCE(a.usename, ''), COALESCE(a.application_name, ''), COALESCE(a.state, ''),
       COALESCE(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.xact_start), 0)::float8,
       ARRAY(SELECT pg_catalog.format('%s of %I.%I', l.mode, n.nspname, c.relname)
             FROM pg_catalog.pg_locks AS l
             JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
             WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation' AND n.nspname <> 'pg_catalog'
                   AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
             ORDER BY 1 LIMIT 5)
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = pg_catalog.current_database() AND a.usename IS NOT NULL AND a.pid <> ALL ($1)
      AND COALESCE(a.backend_type, 'client backend') = 'client backend' AND a.application_name <> $2
ORDER BY a.pid
"""
_PREPARED = """
SELECT p.gid, p.owner, EXTRACT(epoch FROM pg_catalog.clock_timestamp() - p.prepared)::float8
FROM pg_catalog.pg_prepared_xacts AS p WHERE p.database = pg_catalog.current_database() ORDER BY p.gid
"""


@dataclass(frozen=True)
class Session:
    """One session of somebody else's; `seconds` its transaction has lasted, `locks` keep more than writers of its tables out."""

    pid: int
    user: str
    application: str
    state: str  # empty: hidden from us
    seconds: float
    locks: tuple[str, ...]

    @property
    def whose(self) -> str:
        """Return whose session it is, the same each time, as a waiver needs it."""
        return f"user {sql_name(self.user)}, application {self.application or 'without a name'}"


def sessions(connection: Connection, own: Sequence[int]) -> tuple[Session, ...]:
    """Return all client sessions in this database but those of rollproof (`own` are process ids)."""
    rows = connection.execute(_SESSIONS.encode(), (list(own), APPLICATION)).fetchall()
    return tuple(
        Session(int(str(pid)), str(user), str(name), str(state), float(str(seconds)), tuple(locks))  # type: ignore[arg-type]
        for pid, user, name, state, seconds, locks in rows
    )


def prepared(connection: Connection) -> tuple[Difference, ...]:
    """Return the prepared transactions: each keeps its locks until somebody ends it, whoever connects or leaves."""
    return tuple(
        Difference(
            "blocking_sessions", f"prepared transaction {gid}", "none", f"of {owner}, {float(str(seconds)):,.0f} s ago"
        )
        for gid, owner, seconds in connection.execute(_PREPARED.encode()).fetchall()
    )


def blocking(found: Sequence[Session], longest: float, role: str) -> Iterator[Difference]:
    """Yield the sessions that would make others queue behind them: long transactions, and locks that are not for writing.

    Raises `Inconclusive` at the end if the role may not see what some sessions do.
    """
    for session in found:
        told = [f"holds {lock}" for lock in session.locks]
        if session.seconds > longest:
            told.append(f"{session.state}, its transaction has lasted {session.seconds:,.0f} s")
        if told:
            yield Difference(
                "blocking_sessions", session.whose, "out of the way", f"process {session.pid} {', '.join(told)}"
            )
    if hidden := sorted({session.whose for session in found if not session.state}):
        raise Inconclusive(
            f"what these sessions do is hidden from {role}: {'; '.join(hidden)}\nGRANT pg_read_all_stats TO {sql_name(role)}"
        )


def other_sessions(found: Sequence[Session]) -> Iterator[Difference]:
    """Yield who is still connected, once for all sessions of one user and application."""
    for whose in sorted({session.whose for session in found}):
        pids = [str(session.pid) for session in found if session.whose == whose]
        word = "session, process" if len(pids) == 1 else "sessions, processes"
        yield Difference("other_sessions", whose, "not connected", f"{len(pids)} {word} {', '.join(pids[:10])}")
