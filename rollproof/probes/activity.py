"""Sessions of others in this database, from pg_stat_activity and pg_locks: their transactions, their locks on tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.model.names import sql_name
from rollproof.server.connection import APPLICATION, Connection

# What a session without our rights to see it does is NULL; that it is there, and whose it is, everybody may know.
_SESSIONS = """
SELECT a.pid, COALESCE(a.usename, ''), COALESCE(a.application_name, ''), COALESCE(a.state, ''),
       COALESCE(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.xact_start), 0)::float8,
       ARRAY(SELECT pg_catalog.format('%s on %I.%I', l.mode, n.nspname, c.relname)
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
class Backend:
    """A client session of another user: `seconds` is how long its transaction has lasted, `locks` are those beyond writing rows."""

    pid: int
    user: str
    application: str
    state: str  # empty: hidden from us
    seconds: float
    locks: tuple[str, ...]

    @property
    def whose(self) -> str:
        """The user and the application, which stay the same from run to run, as a waiver needs it."""
        return f"user {sql_name(self.user)}, application {self.application or 'without a name'}"


def sessions(connection: Connection, own: Sequence[int]) -> tuple[Backend, ...]:
    """Return all client sessions in this database but those of rollproof (`own` are process ids)."""
    rows = connection.execute(_SESSIONS.encode(), (list(own), APPLICATION)).fetchall()
    return tuple(
        Backend(int(str(pid)), str(user), str(name), str(state), float(str(seconds)), tuple(locks))  # type: ignore[arg-type]
        for pid, user, name, state, seconds, locks in rows
    )


def prepared(connection: Connection) -> tuple[Finding, ...]:
    """Return the prepared transactions of this database (pg_prepared_xacts), which keep their locks without a session."""
    rows = connection.execute(_PREPARED.encode()).fetchall()
    return tuple(_prepared(str(gid), str(owner), float(str(seconds))) for gid, owner, seconds in rows)


def _prepared(gid: str, owner: str, seconds: float) -> Finding:
    found = f"prepared {seconds:,.0f} s ago by {owner}"
    sentence = f"prepared transaction {gid}, {found}, keeps its locks until COMMIT PREPARED or ROLLBACK PREPARED"
    return Finding("blocking_sessions", f"prepared transaction {gid}", "none", found, sentence)


def blocking(found: Sequence[Backend], longest: float, role: str) -> Iterator[Finding]:
    """Yield sessions that others would wait for: those with a transaction older than `longest` seconds, or with strong locks.

    Raises `Inconclusive` at the end if the role may not see what some sessions do.
    """
    for backend in found:
        told = [f"holds {lock}" for lock in backend.locks]
        if backend.seconds > longest:
            told.append(f"has had a transaction open for {backend.seconds:,.0f} s (state: {backend.state})")
        if told:
            does = f"process {backend.pid} {' and '.join(told)}"
            yield Finding("blocking_sessions", backend.whose, "not in the way", does, f"{does} ({backend.whose})")
    if hidden := sorted({session.whose for session in found if not session.state}):
        raise Inconclusive(
            f"what these sessions do is hidden from {role}: {'; '.join(hidden)}\nGRANT pg_read_all_stats TO {sql_name(role)}"
        )


def other_sessions(found: Sequence[Backend]) -> Iterator[Finding]:
    """Yield who is still connected: one finding for all sessions of a user and an application."""
    for whose in sorted({session.whose for session in found}):
        pids = [str(session.pid) for session in found if session.whose == whose]
        word = "session, process" if len(pids) == 1 else "sessions, processes"
        many = f"{len(pids)} {word} {', '.join(pids[:10])}"
        yield Finding("other_sessions", whose, "not connected", many, f"{whose}, is still connected: {many}")
