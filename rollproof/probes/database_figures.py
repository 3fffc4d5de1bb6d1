"""Figures of a database that runs: connections, transactions, waits for locks, deadlocks, lag of replicas. One cheap query."""

from dataclasses import dataclass

from rollproof.server.connection import APPLICATION, Connection

# A session that belongs to others is hidden from a role without pg_monitor: it is counted, and its times are not known.
_FIGURES = """
WITH client AS (
    SELECT a.*, a.datname = pg_catalog.current_database() AND a.application_name <> $1 AS is_ours
    FROM pg_catalog.pg_stat_activity AS a
    WHERE a.usename IS NOT NULL AND COALESCE(a.backend_type, 'client backend') = 'client backend'
)
SELECT
    (SELECT pg_catalog.count(*) FROM client)::int8,
    pg_catalog.current_setting('max_connections')::int8 - pg_catalog.current_setting('superuser_reserved_connections')::int8
    - COALESCE(pg_catalog.current_setting('reserved_connections', true)::int8, 0),
    (SELECT pg_catalog.count(*) FROM client WHERE is_ours AND state IS NULL)::int8,
    (SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.min(xact_start)) FROM client WHERE is_ours)::float8,
    (SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.min(state_change))
        FROM client WHERE is_ours AND state LIKE 'idle in transaction%')::float8,
    (SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.min(l.waitstart))
        FROM pg_catalog.pg_locks AS l JOIN client ON client.pid = l.pid AND is_ours WHERE NOT l.granted)::float8,
    (SELECT pg_catalog.count(DISTINCT l.pid)
        FROM pg_catalog.pg_locks AS l JOIN client ON client.pid = l.pid AND is_ours WHERE NOT l.granted)::int8,
    d.xact_commit, d.xact_rollback, d.deadlocks, d.blks_hit, d.blks_read,
    CASE
        WHEN NOT pg_catalog.pg_is_in_recovery()
            THEN (SELECT EXTRACT(epoch FROM pg_catalog.max(r.replay_lag)) FROM pg_catalog.pg_stat_replication AS r)
        -- A primary that writes nothing has nothing to replay.
        WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
        ELSE EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())
    END::float8
FROM pg_catalog.pg_stat_database AS d WHERE d.datname = pg_catalog.current_database()
"""


@dataclass(frozen=True)
class Figures:
    """What the server says of itself and of this database at one moment; seconds are those of the longest. None: nobody, or hidden.

    `connections` are all of the server's, of the `limit` that is open to everybody. `hidden` sessions of this database do not show
    their times to our role. What was `committed`, `rolled_back`, in `deadlocks`, and blocks `hit` in the cache or `read`, are
    counted since the server's statistics were reset.
    """

    connections: int
    limit: int
    hidden: int = 0
    transaction: float | None = None
    idle_in_transaction: float | None = None
    lock_wait: float | None = None
    waiting: int = 0
    committed: int = 0
    rolled_back: int = 0
    deadlocks: int = 0
    hit: int = 0
    read: int = 0
    replica_lag: float | None = None


def figures(connection: Connection) -> Figures:
    """Return the figures of the database; our own sessions count as connections, and as nothing else."""
    row = connection.execute(_FIGURES.encode(), (APPLICATION,)).fetchone()
    assert row, "a database that we are connected to has statistics"
    return Figures(*row)  # type: ignore[arg-type] # in the order of the fields
