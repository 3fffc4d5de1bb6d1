"""Whether the tables that a query read are still those of its snapshot (same name, same relfilenode).

A snapshot protects rows, not names and files: after a TRUNCATE or an ALTER TABLE that rewrites, the rows of before are gone and
an older snapshot sees an empty table; after a rename the old name may be another table's. What a question read it holds locked
until its transaction ends, so just before that nobody can change it, and a look at all of it settles the matter.
"""

from rollproof.model.errors import Inconclusive
from rollproof.server.connection import Connection

# A table that the snapshot does not know is a new one under the name; only indexes and TOAST may be new. What the server
# calls a table or column now is asked of a function, for tables of the catalogue are read by the snapshot, too.
_LOST = b"""
SELECT COALESCE(pg_catalog.format('%I.%I', n.nspname, c.relname), now_is.identity)
FROM pg_catalog.pg_locks AS l
CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_class'::pg_catalog.regclass, l.relation, 0) AS now_is
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384 -- the server's own are below
  AND now_is.type NOT IN ('index', 'toast table')
  AND (
    c.oid IS NULL
    OR c.relfilenode <> COALESCE(pg_catalog.pg_relation_filenode(c.oid), 0)
    OR pg_catalog.format('%I.%I', n.nspname, c.relname) <> now_is.identity
    OR EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname) IS DISTINCT FROM
              (pg_catalog.pg_identify_object('pg_catalog.pg_class'::pg_catalog.regclass, c.oid, a.attnum)).identity
    )
  )
ORDER BY 1 LIMIT 1
"""


def require_same_relations(connection: Connection) -> None:
    """Raise `Inconclusive` if a table that this transaction read is not the one that its snapshot knows."""
    if lost := connection.execute(_LOST).fetchone():
        raise replaced(str(lost[0]))


def replaced(table: str) -> Inconclusive:
    """Return the error for a table whose rows at the snapshot are not known any more."""
    return Inconclusive(
        f"{table} was rewritten, replaced or renamed (by TRUNCATE, VACUUM FULL, REFRESH or ALTER TABLE, say) after the instant "
        "that is verified, so its rows at that instant are not known; run again when nobody does that"
    )
