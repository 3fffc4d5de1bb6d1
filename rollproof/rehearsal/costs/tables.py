"""The tables that stood there before a command, and which of them were rewritten meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rollproof.rehearsal.costs.sessions import Connection

# A table's file has a name, which changes when the table is written anew. Partitioned tables have none.
_TABLES = """
SELECT c.oid::bigint, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), c.relkind IN ('r', 'p'),
  coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::bigint,
  CASE WHEN %s THEN coalesce(pg_catalog.pg_total_relation_size(c.oid), 0) ELSE 0 END
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND c.oid >= 16384 AND n.nspname NOT LIKE 'pg\\_%%'
ORDER BY 2
"""
_INDEXES = "SELECT indexrelid::bigint, indrelid::bigint FROM pg_catalog.pg_index WHERE indrelid >= 16384"


@dataclass(frozen=True)
class Table:
    """A table of the user's: its quoted name, whether LOCK TABLE can name it, its file's number and its size in bytes."""

    name: str
    is_lockable: bool
    file: int
    size: int


@dataclass(frozen=True)
class Tables:
    """Tables by object id, and each index's table."""

    known: Mapping[int, Table]
    of_index: Mapping[int, int]

    @classmethod
    def read(cls, connection: Connection, *, sizes: bool = True) -> "Tables":
        """Ask a database for all of its tables. To know their `sizes` each is locked for a moment, as for reading."""
        found: list[Any] = connection.execute(_TABLES, (sizes,), prepare=False).fetchall()
        indexes: list[Any] = connection.execute(_INDEXES, prepare=False).fetchall()
        return cls({oid: Table(*rest) for oid, *rest in found}, dict(indexes))

    def rewritten(self, later: "Tables") -> tuple[int, ...]:
        """Return those that have another file `later`, by name."""
        both = self.known.keys() & later.known.keys()
        found = (oid for oid in both if self.known[oid].file != later.known[oid].file)
        return tuple(sorted(found, key=lambda oid: self.known[oid].name))
