"""Columns of the migration's copies, and whether the role that rolls back may read them."""

from collections.abc import Iterator, Mapping

from rollproof.backup.copies import Copy
from rollproof.model.compare import Difference, compare
from rollproof.model.descriptions import type_of
from rollproof.model.finding import Finding, Statement
from rollproof.model.names import schema_of, sql_name
from rollproof.model.printable_sql import pasteable
from rollproof.server.reader import Connection
from rollproof.sources.source import Source
from rollproof.sources.table_groups import TableGroup

# A table's row security hides nothing from a superuser, from a role with BYPASSRLS, and, unless forced, from its owner.
_READER = """
SELECT COALESCE(r.rolname, $2::pg_catalog.name), r.oid IS NOT NULL,
       pg_catalog.has_schema_privilege(r.oid, c.relnamespace, 'USAGE') AND pg_catalog.has_table_privilege(r.oid, c.oid, 'SELECT'),
       c.relrowsecurity AND NOT (r.rolsuper OR r.rolbypassrls)
       AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE'))
FROM pg_catalog.pg_class AS c
LEFT JOIN pg_catalog.pg_roles AS r
    ON CASE WHEN $2::pg_catalog.name IS NULL THEN r.oid = c.relowner ELSE r.rolname = $2::pg_catalog.name END
WHERE c.oid = $1::pg_catalog.regclass
"""


def other_columns(copy: Copy, before: Source) -> Iterator[Finding]:
    """Yield each column of the copy whose type or collation is not the reference's, that is missing, or that is not of the table.

    Raises `Inconclusive` if either side cannot say.
    """
    table = copy.table
    was = _types(before.known("columns", TableGroup(table, frozenset([table]))).facts, table, table)
    has = _types(copy.copies.columns.get(copy.name, {}), copy.name, table)
    yield from (_other_column(copy, found) for found in compare("backup_columns", was, has))


def _other_column(copy: Copy, found: Difference) -> Finding:
    column = found.identity.removeprefix(f"{copy.table}.")
    if found.after is None:
        sentence = f"{copy.name} has no column {column} ({found.before})"
    elif found.before is None:
        sentence = f"{copy.name} has a column {column} ({found.after}), which {copy.table} has not in the reference"
    else:
        sentence = f"{copy.name}.{column} is {found.after}, and in the reference {found.identity} is {found.before}"
    return Finding("backup_columns", found.identity, found.before, found.after, sentence)


def _types(facts: Mapping[str, str], of: str, shown_as: str) -> dict[str, str]:
    return {
        shown_as + identity.removeprefix(of): type_of(text)
        for identity, text in facts.items()
        if identity.startswith(f"{of}.")
    }


def unreadable(copy: Copy) -> Iterator[Finding | Statement]:
    """Yield why the role that rolls back (by default the copy's owner) cannot read all rows of the copy, and what lets it."""
    name, exists, granted, hidden = copy.copies.view.ask(lambda connection: _reader(connection, copy))
    who = sql_name(name)
    repairs: tuple[str, ...] = ()
    if not exists:
        found = f"there is no role {who} to read {copy.name}"
    elif not granted:
        found = f"{who} may not read {copy.name}"
        repairs = f"GRANT USAGE ON SCHEMA {schema_of(copy.name)} TO {who};", f"GRANT SELECT ON {copy.name} TO {who};"
    elif hidden:
        found = f"row security hides rows of {copy.name} from {who}"
        repairs = (f"ALTER TABLE {copy.name} DISABLE ROW LEVEL SECURITY;",)
    else:
        return
    yield Finding("backup_readers", copy.table, f"{who} may read every row of {copy.name}", found, found)
    yield from (Statement(pasteable(sql), copy.table) for sql in repairs)


def _reader(connection: Connection, copy: Copy) -> tuple[str, bool, bool, bool]:
    row = connection.execute(_READER.encode(), (copy.name, copy.copies.role)).fetchone()
    name, exists, granted, hidden = row or ("", False, False, False)
    return str(name), bool(exists), bool(granted), bool(hidden)
