"""Who may read what the migration keeps beside the tables: copies, tables of its own, its log."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rollproof.backup.copies import Copies
from rollproof.model.finding import Finding, Statement
from rollproof.model.names import respelled
from rollproof.model.printable_sql import pasteable
from rollproof.server.reader import Connection

CHECK = "backup_privileges"
PUBLIC = "PUBLIC"  # everybody, those too who come later
UNREACHED = "could, with USAGE on its schema,"

# Whether row security leaves a role all rows of a table: it has none, or not for this role, or a policy that hides nothing.
_ALL_ROWS = """(
    NOT {0}.relrowsecurity
    OR {1}.bypasses
    OR NOT {0}.relforcerowsecurity AND CASE WHEN {1}.oid > 0 THEN pg_has_role({1}.oid, {0}.relowner, 'USAGE') END
    OR (SELECT bool_or(p.polpermissive AND p.free) AND bool_and(p.polpermissive OR p.free)
        FROM (SELECT *, pg_get_expr(polqual, polrelid) IS NOT DISTINCT FROM 'true' AS free FROM pg_catalog.pg_policy) AS p
        WHERE p.polrelid = {0}.oid AND p.polcmd IN ('*', 'r') AND (0 = ANY (p.polroles) OR {1}.oid > 0 AND EXISTS (
            SELECT FROM unnest(p.polroles) AS named (oid) WHERE pg_has_role({1}.oid, named.oid, 'USAGE')))) IS TRUE
)"""

# One row for each role that was granted what it may not read of the table: the relation, the table, the role, whether it may
# enter the schema, which columns (none: whole rows), and the statements that take the grants back. The role 0 is PUBLIC. Its
# owner made a copy, and whoever has the owner's rights is the owner. What stands for no table, stands for all that were copied.
_READERS = f"""
WITH originals AS (
    SELECT to_regclass(m.copy) AS copy, m.original, c.oid, c.relnamespace, c.relowner, c.relrowsecurity, c.relforcerowsecurity
    FROM unnest($2::text[], $3::text[]) AS m (copy, original)
    JOIN pg_catalog.pg_class AS c ON c.oid = to_regclass(m.original)
),
kept AS (
    SELECT c.oid, c.relnamespace, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity, n.nspacl,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (n.nspname = $1 OR c.oid = to_regclass($4))
),
granted AS (
    SELECT k.oid AS kept, a.grantee, bool_or(bool_or(a.grantor <> k.relowner)) OVER (PARTITION BY k.oid) AS passed_on
    FROM kept AS k
    CROSS JOIN LATERAL (
        SELECT * FROM aclexplode(k.relacl)
        UNION ALL
        SELECT x.* FROM pg_catalog.pg_attribute AS att CROSS JOIN LATERAL aclexplode(att.attacl) AS x WHERE att.attrelid = k.oid
    ) AS a
    WHERE a.privilege_type = 'SELECT' AND a.grantee <> k.relowner
    GROUP BY k.oid, a.grantee
),
roles AS (
    SELECT 0::oid AS oid, 'PUBLIC' AS name, false AS bypasses
    UNION ALL
    SELECT r.oid, quote_ident(r.rolname), r.rolbypassrls
    FROM pg_catalog.pg_roles AS r
    WHERE NOT r.rolsuper AND (
        EXISTS (SELECT FROM granted AS g WHERE g.grantee > 0 AND pg_has_role(r.oid, g.grantee, 'USAGE'))
        OR EXISTS (SELECT FROM kept AS k CROSS JOIN LATERAL aclexplode(k.nspacl) AS a WHERE a.grantee = r.oid)
    )
),
readers AS (
    SELECT k.oid AS kept, k.name, o.original, r.oid, r.name AS role, has_schema_privilege(r.oid, k.relnamespace, 'USAGE') AS enters,
           told.columns, told.every
    FROM kept AS k
    CROSS JOIN roles AS r
    LEFT JOIN originals AS o ON o.copy = k.oid
    CROSS JOIN LATERAL (
        SELECT count(*) AS every,
               array_agg(quote_ident(a.attname) ORDER BY a.attnum) FILTER (
                   WHERE has_column_privilege(r.oid, k.oid, a.attnum, 'SELECT') AND NOT EXISTS (
                       SELECT FROM originals AS known
                       JOIN pg_catalog.pg_class AS t ON t.oid = known.oid OR t.oid IN (SELECT pg_partition_ancestors(known.oid))
                       WHERE (o.oid IS NULL OR known.oid = o.oid)
                           AND has_schema_privilege(r.oid, t.relnamespace, 'USAGE')
                           AND ({_ALL_ROWS.format("t", "r")} OR k.relrowsecurity AND NOT {_ALL_ROWS.format("k", "r")})
                           AND (has_table_privilege(r.oid, t.oid, 'SELECT')
                                OR o.oid IS NULL AND has_any_column_privilege(r.oid, t.oid, 'SELECT')
                                OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS same
                                           WHERE same.attrelid = t.oid AND same.attname = a.attname AND NOT same.attisdropped
                                               AND has_column_privilege(r.oid, t.oid, same.attnum, 'SELECT')))
                   )) AS columns
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = k.oid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS told
    WHERE has_any_column_privilege(r.oid, k.oid, 'SELECT')
        AND NOT CASE WHEN r.oid > 0 THEN pg_has_role(r.oid, k.relowner, 'USAGE') ELSE false END
)
SELECT x.name, x.original, x.role, x.enters, CASE WHEN cardinality(x.columns) < x.every THEN x.columns END,
       ARRAY(SELECT concat('REVOKE SELECT ON ', x.name, ' FROM ',
                           CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                           CASE WHEN g.passed_on THEN ' CASCADE' END, ';')
             FROM granted AS g
             WHERE g.kept = x.kept
                 AND CASE WHEN 0 IN (g.grantee, x.oid) THEN g.grantee = 0 ELSE pg_has_role(x.oid, g.grantee, 'USAGE') END
             ORDER BY g.grantee)
FROM readers AS x
WHERE x.columns IS NOT NULL
ORDER BY x.name, x.oid
"""


@dataclass(frozen=True)
class Reader:
    """A role that may read what it may not read of the table: these columns of the copy (none: all), by these grants."""

    kept: str
    table: str | None
    role: str
    enters: bool
    columns: tuple[str, ...]
    revokes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.role} ({', '.join(self.columns)})" if self.columns else self.role


def readable_by_too_many(copies: Copies, log: str) -> Iterator[Finding | Statement]:
    """Yield each copy that a role may read which may not read its table, and each other table of the backup schema, and the log.

    A table that is no copy may be read by whoever may read something of a table that was copied. While no such role has USAGE on
    the schema it is a warning. Each comes with the statements that revoke the grants. Raises `Inconclusive` if the server cannot
    be asked.
    """
    asked = copies.view.ask(lambda connection: _readers(connection, copies, log))
    for kept, found in groupby(asked, lambda reader: reader.kept):
        readers = list(found)
        entering = [reader for reader in readers if reader.enters]
        told, table = _told(entering or readers), readers[0].table
        beyond = f"of {table}" if table else "of any table that was copied"
        revokes = dict.fromkeys(text for reader in readers for text in reader.revokes)
        may = "can" if entering else UNREACHED
        sentence = f"{kept} {may} be read by {told}, who may not read as much {beyond}"
        yield Finding(CHECK, table or kept, None, told, sentence, heals=not entering)
        yield from (Statement(pasteable(sql), table or kept) for sql in revokes)


def _told(readers: Sequence[Reader]) -> str:
    """Return the names of the roles; where PUBLIC may read, only those of roles that may read more."""
    everybody = [reader.columns for reader in readers if reader.role == PUBLIC]
    return ", ".join(str(reader) for reader in readers if reader.role == PUBLIC or reader.columns not in everybody)


def _readers(connection: Connection, copies: Copies, log: str) -> list[Reader]:
    pairs = {copy.name: table for table in copies.tables if (copy := copies.copy_of(table))}
    rows = connection.execute(_READERS.encode(), (copies.schema, list(pairs), list(pairs.values()), log)).fetchall()
    return [_reader(*row) for row in rows]


def _reader(*row: object) -> Reader:
    kept, table, role, enters, columns, revokes = row
    return Reader(
        respelled(str(kept)),
        None if table is None else respelled(str(table)),
        str(role),
        bool(enters),
        tuple(columns or ()),  # type: ignore[arg-type] # an array of text
        tuple(revokes),  # type: ignore[arg-type] # the same
    )
