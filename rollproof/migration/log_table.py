"""The table of a migration tool's log: its columns, and SQL that reads their values as text."""

from collections.abc import Mapping
from dataclasses import dataclass

from rollproof.model.errors import Inconclusive
from rollproof.model.names import schema_of, unquoted
from rollproof.server.reader import Connection

ORDINARY = "r"

_COLUMNS = """
SELECT c.relkind::text, a.attname, pg_catalog.quote_ident(a.attname), pg_catalog.format_type(a.atttypid, NULL),
       COALESCE(NULLIF(t.typbasetype, 0), t.oid)::pg_catalog.regtype::text
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE n.nspname = $1 AND c.relname = $2
"""
_KINDS = {
    "v": "a view",
    "m": "a materialized view",
    "f": "a foreign table",
    "p": "a partitioned table",
    "S": "a sequence",
    "i": "an index",
    "I": "an index",
}
_TEXTS = frozenset({"text", "character varying", "character", "name", "boolean"})


@dataclass(frozen=True)
class Column:
    """A column: its name as SQL writes it, its type, and the one that this is a domain over (else the same)."""

    quoted: str
    kind: str
    base: str

    @property
    def text(self) -> str:
        """Its value in a row `x` as SQL that is a text, or NULL; by no cast that may be a user's function."""
        if self.base in _TEXTS:
            return f"x.{self.quoted}::pg_catalog.text"
        return f"CASE WHEN x.{self.quoted} IS DISTINCT FROM NULL THEN pg_catalog.concat(x.{self.quoted}) END"


def columns_of(connection: Connection, table: str) -> Mapping[str, Column]:
    """Return the log's columns by raw name, none if there is no such table.

    Raises `Inconclusive` if it is no ordinary table: what else it may be shows what its owner's code, or another server, makes up.
    """
    schema = schema_of(table)
    name = unquoted(table.removeprefix(f"{schema}."))
    rows = connection.execute(_COLUMNS.encode(), (unquoted(schema), name)).fetchall()
    for kind in {str(row[0]) for row in rows} - {ORDINARY}:
        raise Inconclusive(
            f"{table} is {_KINDS.get(kind, 'no table')}; the migration's log must be an ordinary table, and only such a one is read"
        )
    return {
        str(raw): Column(str(quoted), str(type_), str(base)) for _, raw, quoted, type_, base in rows if raw is not None
    }


def source(table: str) -> str:
    """Return the log as it stands in FROM."""
    return f"ONLY {table}"
