"""The footprints of all tables, and the epoch that they belong to, in one question each.

Of a baseline both are read *before* its snapshot (`counted`), the epoch first: a transaction that the snapshot does not see ends
later, and is counted later. Read after it they might count what the baseline's rows lack.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.model.footprint import Epoch, Footprint
from rollproof.rows.tables import Relation
from rollproof.server.connection import Target, connect
from rollproof.server.reader import Connection, Limits
from rollproof.server.transactions import ALL_AT_ONCE, pinned

# Extensions whose types' text follows from the stored bytes alone; of any other it might depend on what is stored elsewhere.
SELF_CONTAINED = ("citext", "cube", "hstore", "isn", "ltree", "postgis", "seg", "vector")

# `held`: who writes keeps its lock until the transaction ends, a prepared one too. pg_relation_size waits for an exclusive one.
_FOOTPRINTS = """
WITH RECURSIVE held AS MATERIALIZED (
    SELECT l.relation AS oid, bool_or(l.mode = 'AccessExclusiveLock') AS shut FROM pg_catalog.pg_locks AS l
    WHERE l.locktype = 'relation'
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
    AND l.mode NOT IN ('AccessShareLock', 'RowShareLock') AND l.pid IS DISTINCT FROM pg_backend_pid() GROUP BY l.relation
), kept AS MATERIALIZED (
    SELECT c.oid, c.relfilenode, c.relkind, c.relpersistence, c.relam
    FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND c.relpersistence <> 't'
), rooted AS MATERIALIZED (
    SELECT a.attrelid, string_agg(a.attnum || ' ' || a.xmin || ' ' || a.atttypid, ',' ORDER BY a.attnum) AS told,
           array_agg(DISTINCT a.atttypid) FILTER (WHERE NOT a.attisdropped) AS types
    FROM kept JOIN pg_catalog.pg_attribute AS a ON a.attrelid = kept.oid AND a.attnum > 0 GROUP BY a.attrelid
), made_of (root, oid) AS (
    SELECT DISTINCT root, root FROM rooted, unnest(rooted.types) AS root
    UNION
    SELECT made_of.root, part.oid FROM made_of
    JOIN pg_catalog.pg_type AS t ON t.oid = made_of.oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype UNION ALL SELECT t.typelem
        UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
                  WHERE a.attrelid = t.typrelid AND NOT a.attisdropped AND a.attnum > 0
        UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range AS r WHERE r.rngtypid = t.oid
        UNION ALL SELECT r.rngtypid FROM pg_catalog.pg_range AS r WHERE r.rngmultitypid = t.oid
    ) AS part (oid) WHERE part.oid <> 0
), types AS MATERIALIZED (
    SELECT made_of.root AS oid,
           bool_and(CASE WHEN t.typname ~ '^_?(reg|aclitem$)' AND t.oid < 16384 THEN false
                         WHEN t.typtype <> 'b' OR t.oid < 16384 OR t.typoutput = 'array_out'::regproc THEN true
                         ELSE EXISTS (SELECT FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
                                      WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
                                      AND d.refclassid = 'pg_extension'::regclass AND e.extname = ANY ($1)) END) AS fixed,
           string_agg(concat_ws(' ', t.oid, t.xmin,
               (SELECT string_agg(e.oid || ' ' || e.xmin, ',' ORDER BY e.oid)
                FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid),
               (SELECT string_agg(a.attnum || ' ' || a.xmin, ',' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = t.typrelid AND a.attnum > 0)),
               ',' ORDER BY t.oid) FILTER (WHERE t.oid >= 16384) AS told
    FROM made_of JOIN pg_catalog.pg_type AS t ON t.oid = made_of.oid GROUP BY made_of.root
)
SELECT kept.oid::int8, kept.relfilenode::int8,
       CASE WHEN held.shut THEN 0 ELSE COALESCE(pg_relation_size(kept.oid), 0) / 8192 END,
       pg_stat_get_tuples_inserted(kept.oid), pg_stat_get_tuples_updated(kept.oid), pg_stat_get_tuples_deleted(kept.oid),
       CASE WHEN kept.relkind IN ('r', 'm') AND kept.relpersistence = 'p'
            AND EXISTS (SELECT FROM pg_catalog.pg_am AS am WHERE am.oid = kept.relam AND am.amname = 'heap')
            AND NOT EXISTS (SELECT FROM types WHERE types.oid = ANY (rooted.types) AND NOT types.fixed)
       THEN md5(concat_ws(';', kept.oid, kept.relkind, rooted.told,
            (SELECT string_agg(types.told, ';' ORDER BY types.oid) FROM types WHERE types.oid = ANY (rooted.types)))) ELSE '' END,
       held.oid IS NOT NULL
FROM kept LEFT JOIN rooted ON rooted.attrelid = kept.oid LEFT JOIN held ON held.oid = kept.oid
"""
_EPOCH = """
SELECT (SELECT s.system_identifier::text FROM pg_catalog.pg_control_system() AS s), pg_postmaster_start_time()::text,
       concat_ws(' ', pg_stat_get_db_stat_reset_time(d.oid), (SELECT a.stats_reset FROM pg_catalog.pg_stat_get_archiver() AS a)),
       (SELECT c.timeline_id FROM pg_catalog.pg_control_checkpoint() AS c), pg_is_in_recovery(), pg_current_snapshot()::text,
       d.oid || ' ' || d.xmin, pg_conf_load_time()::text,
       CASE WHEN pg_is_in_recovery() THEN 0 ELSE pg_current_wal_insert_lsn() - '0/0'::pg_lsn END,
       EXTRACT(epoch FROM clock_timestamp()),
       CASE WHEN current_setting('track_counts') <> 'on' THEN 'track_counts is off'
            WHEN EXISTS (SELECT FROM pg_catalog.pg_db_role_setting AS s, unnest(s.setconfig) AS each
                         WHERE each ILIKE 'track_counts=%')
            THEN 'track_counts is set for a role or a database'
            WHEN EXISTS (SELECT FROM pg_catalog.pg_proc AS p, unnest(p.proconfig) AS each
                         WHERE p.proconfig IS NOT NULL AND each ILIKE 'track_counts=%')
            THEN 'track_counts is set by a function' {granted} ELSE '' END
FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()
"""
_GRANTED = """WHEN EXISTS (SELECT FROM pg_catalog.pg_parameter_acl AS p WHERE p.parname = 'track_counts')
            THEN 'others than superusers may set track_counts'"""  # since PostgreSQL 15


def footprints(connection: Connection, found: Mapping[str, Relation]) -> dict[str, Footprint]:
    """Return the footprints of tables, by name. Raises what the server raises."""
    return _named(_by_oid(connection), found)


def _by_oid(connection: Connection) -> dict[int, Footprint]:
    connection.execute(ALL_AT_ONCE)
    rows = connection.execute(_FOOTPRINTS.encode(), (list(SELF_CONTAINED),)).fetchall()
    return {_number(oid): _footprint(str(shape), bool(held), *told) for oid, *told, shape, held in rows}


def _footprint(shape: str, held: bool, *told: object) -> Footprint:  # noqa: FBT001 (a row of the answer)
    file, pages, inserted, updated, deleted = map(_number, told)
    return Footprint(file, pages, inserted, updated, deleted, shape, held)


def _number(told: object) -> int:
    return int(str(told or 0))


def _named(by_oid: Mapping[int, Footprint], found: Mapping[str, Relation]) -> dict[str, Footprint]:
    return {name: by_oid[each.oid] for name, each in found.items() if each.oid in by_oid}


def epoch(connection: Connection) -> Epoch:
    """Return what the counters count since, as it is now. Raises what the server raises."""
    granted = _GRANTED if connection.info.server_version >= 150000 else ""  # noqa: PLR2004 (the version that brought it)
    row = connection.execute(_EPOCH.format(granted=granted).encode()).fetchone()
    if row is None:
        raise Inconclusive("the server does not know its own database")
    system, started, resets, timeline, standby, snapshot, database, loaded, lsn, at, uncounted = row
    known = (str(system or ""), str(started), str(resets), _number(timeline), bool(standby), str(snapshot))
    return Epoch(*known, str(database), str(loaded), _number(lsn), float(str(at)), str(uncounted))


@dataclass(frozen=True)
class Counted:
    """The footprints of all tables of a database, by oid, and the epoch that they belong to."""

    epoch: Epoch
    by_oid: Mapping[int, Footprint]

    def named(self, found: Mapping[str, Relation]) -> dict[str, Footprint]:
        """Return the footprints of these tables, by name; one that was made since has none."""
        return _named(self.by_oid, found)


def counted(target: Target, limits: Limits) -> Counted | None:
    """Return the footprints of a database by a session of its own; None where they cannot be had, for nothing depends on them."""
    try:
        with closing(connect(target)) as connection, pinned(connection, limits):
            since = epoch(connection)
            return Counted(since, _by_oid(connection))
    except (Inconclusive, psycopg.Error):
        return None
