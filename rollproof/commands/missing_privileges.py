"""What a role may not read, each with the statement that would let it."""

from rollproof.model.names import schema_of, sql_name, table_of
from rollproof.model.snapshot import Snapshot
from rollproof.server.reader import SnapshotReader

FEW = 3  # tables that are named one by one

_UNREADABLE = """
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'),
       pg_catalog.row_security_active(c.oid)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'm', 'S') AND c.relpersistence <> 't'
"""


def unreadable(facts: Snapshot, view: SnapshotReader, schemas: list[str]) -> tuple[str, ...]:
    """Return what of these facts is unknown, and which tables cannot be read, each with the statement that would mend it.

    Many tables are one sentence and one grant. `schemas` are raw names.
    """
    rows = view.ask(lambda connection: connection.execute(_UNREADABLE.encode(), (schemas,)).fetchall())
    role = sql_name(view.role)
    closed = sorted(str(table) for table, readable, _ in rows if not readable)
    hidden = [str(table) for table, _, active in sorted(rows) if active]
    others = [
        f"- {facet} {'' if identity == '*' else f'{identity} '}cannot be read: {why}"
        for facet, reasons in facts.unknown.items()
        for identity, why in reasons.items()
        if table_of(identity) not in {*closed, *hidden}
    ]
    bypass = [f"- rows of {table} are hidden: ALTER ROLE {role} BYPASSRLS" for table in hidden]
    return (*_grants(closed, role), *bypass, *others)


def _grants(tables: list[str], role: str) -> list[str]:
    """Return a line for each table, or one for many; the role's name is quoted."""
    if len(tables) > FEW:
        return [
            f"- {len(tables):,} tables cannot be read ({', '.join(tables[:FEW])}, ...): GRANT pg_read_all_data TO {role}"
        ]
    return [
        f"- {table} cannot be read: GRANT USAGE ON SCHEMA {schema_of(table)} TO {role}; GRANT SELECT ON {table} TO {role}"
        for table in tables
    ]
