"""The footprints of all tables, and the epoch that they belong to, in one question each."""

from collections.abc import Mapping

from rollproof.model.footprint import Epoch, Footprint
from rollproof.rows.tables import Relation
from rollproof.server.reader import Connection

_FOOTPRINTS = """
SELECT c.oid::int8, c.relfilenode::int8, COALESCE(pg_relation_size(c.oid), 0) / 8192,
       pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_deleted(c.oid)
FROM pg_catalog.pg_class AS c WHERE c.oid = ANY ($1::int8[]::oid[])
"""
_EPOCH = """
SELECT (SELECT s.system_identifier::text FROM pg_catalog.pg_control_system() AS s), pg_postmaster_start_time()::text,
       concat_ws(' ', pg_stat_get_db_stat_reset_time(d.oid), (SELECT a.stats_reset FROM pg_catalog.pg_stat_get_archiver() AS a)),
       (SELECT c.timeline_id FROM pg_catalog.pg_control_checkpoint() AS c), pg_is_in_recovery(), pg_current_snapshot()::text
FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()
"""


def footprints(connection: Connection, found: Mapping[str, Relation]) -> dict[str, Footprint]:
    """Return the footprints of tables, by name. Raises what the server raises, as for a locked table."""
    by_oid = {relation.oid: name for name, relation in found.items()}
    rows = connection.execute(_FOOTPRINTS.encode(), (list(by_oid),)).fetchall()
    return {by_oid[int(str(oid))]: Footprint(*(int(str(each or 0)) for each in told)) for oid, *told in rows}


def epoch(connection: Connection) -> Epoch:
    """Return what the counters of the current snapshot count since. Raises what the server raises."""
    row = connection.execute(_EPOCH.encode()).fetchone()
    system, started, resets, timeline, standby, snapshot = row or ("", "", "", 0, True, "")
    return Epoch(str(system), str(started), str(resets), int(str(timeline)), bool(standby), str(snapshot))
