"""Which tables have a page that was written since a position of the WAL, by pageinspect, where the role may use it.

Whoever changes a row of a permanent table writes that to the WAL first, and the page's header then names the place: it is the one
trace that no setting suppresses. Pages also change without any row doing so (vacuum, a lock, hint bits where checksums are on):
then the table is read, needlessly. pageinspect is for superusers; nobody else's functions of these names are called.
"""

from collections.abc import Callable, Iterable

import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.rows.paced_scan import in_turn
from rollproof.rows.scan import Scan, execute, plan
from rollproof.rows.tables import Relation
from rollproof.server.reader import Connection, SnapshotReader

_SCHEMA = """
SELECT quote_ident(n.nspname) FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname = 'pageinspect' AND (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user)
AND 2 = (SELECT count(*) FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_proc AS p ON p.oid = d.objid
         WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
         AND d.deptype = 'e' AND p.pronamespace = n.oid AND p.probin LIKE '%pageinspect'
         AND (p.proname, p.proargtypes::text) IN (('get_raw_page', '25 20'), ('page_header', '17')))
"""


def schema(connection: Connection) -> str:
    """Return the quoted schema of pageinspect; "" where it is not installed, is too old, or this role may not call it."""
    row = connection.execute(_SCHEMA.encode()).fetchone()
    return str(row[0]) if row else ""


def written_since(view: SnapshotReader, found: Iterable[Relation], lsn: int, schema: str) -> set[str]:
    """Return the tables that have a page written after `lsn`, or cannot be looked at; their `pages` must be their true sizes."""

    def look(scan: Scan) -> Callable[[Connection], set[str]]:
        return lambda connection: _looked_at(connection, scan, lsn, schema)

    scans = plan(found, view.limits.jobs)
    written = set()
    for one, future in zip(scans, in_turn(view, [(each, look) for each in scans]), strict=True):
        try:
            written |= {name for _, names in future.result() for name in names}
        except (Inconclusive, psycopg.Error):  # whoever reads it will hear why
            written |= {relation.name for relation in one.relations}
    return written


def _looked_at(connection: Connection, scan: Scan, lsn: int, schema: str) -> set[str]:
    selects = (
        f"SELECT {number}, bool_or(header.lsn - '0/0'::pg_lsn > {lsn})"
        f" FROM generate_series({scan.first[0]}::int8, {_last(scan, relation)}::int8) AS page,"
        f" {schema}.page_header({schema}.get_raw_page({relation.oid}::regclass::text, page)) AS header"
        for number, relation in enumerate(scan.relations)
    )
    return {
        scan.relations[int(str(number))].name
        for number, newer in execute(connection, " UNION ALL ".join(selects))
        if newer
    }


def _last(scan: Scan, relation: Relation) -> int:
    return relation.pages - 1 if scan.end is None else scan.end[0] - (0 if scan.end[1] else 1)
