"""The tables that are used most, by the server's own counters: told beside other evidence, and no count of rows."""

from collections.abc import Collection

from rollproof.model.traffic import TableTraffic
from rollproof.server.connection import Connection

MOST = 5
"""Tables that are told."""
_TRAFFIC = """
SELECT t.name, t.written, t.scans, COALESCE((SELECT d.stats_reset::text FROM pg_catalog.pg_stat_database AS d
                                            WHERE d.datname = pg_catalog.current_database()), '')
FROM (SELECT pg_catalog.format('%I.%I', s.schemaname, s.relname) AS name,
             s.n_tup_ins + s.n_tup_upd + s.n_tup_del AS written, s.seq_scan + COALESCE(s.idx_scan, 0) AS scans
      FROM pg_catalog.pg_stat_all_tables AS s) AS t
WHERE t.name = ANY ($1) AND t.written + t.scans > 0
ORDER BY t.written DESC, t.scans DESC, t.name COLLATE "C" LIMIT $2
"""


def busiest(connection: Connection, tables: Collection[str]) -> tuple[TableTraffic, ...]:
    """Return those of the tables that most was written to, the busiest first; none where nothing is counted."""
    rows = connection.execute(_TRAFFIC.encode(), (sorted(tables), MOST)).fetchall()
    return tuple(
        TableTraffic(str(name), int(str(written)), int(str(scans)), str(since)) for name, written, scans, since in rows
    )
