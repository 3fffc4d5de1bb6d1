"""How many rows a table has and a fingerprint of all of them, computed inside PostgreSQL in one scan.

The fingerprint is the sum over all rows of a 64-bit hash of the row's text, so neither the physical order nor the order
of scanning matters, and a row that is lost, doubled or changed does. Row text, with the session's settings pinned, shows
what equality hides: 1.0 and 1.00, 1 day and 24:00, -0 and 0, NULL and ''. Columns are taken in the order of their names:
that a column moved is the `columns` facet's news, not this one's.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import psycopg

from rollproof.errors import CannotTell
from rollproof.session import Connection, View, reason


@dataclass(frozen=True)
class Relation:
    """A table (or materialised view) whose own rows can be scanned; names are quoted, `pages` of 8 kB are an estimate."""

    name: str
    columns: tuple[str, ...]
    pages: int


@dataclass(frozen=True)
class Content:
    """What one scan says: the exact number of rows, and the fingerprint as 16 to 32 decimal digits."""

    rows: int
    fingerprint: str


# Foreign tables are left out: their rows live on another server. A partitioned table has no rows of its own (ONLY).
_RELATIONS = """
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       COALESCE(pg_catalog.array_agg(pg_catalog.quote_ident(a.attname) ORDER BY a.attname COLLATE "C")
                FILTER (WHERE a.attname IS NOT NULL), '{}'),
       c.relpages
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
GROUP BY n.nspname, c.relname, c.relpages
"""


def relations(connection: Connection, schemas: Sequence[str]) -> dict[str, Relation]:
    """Return what can be scanned in these schemas (raw names), by quoted qualified name."""
    rows = connection.execute(_RELATIONS.encode(), (list(schemas),)).fetchall()
    return {str(name): Relation(str(name), tuple(columns), int(str(pages))) for name, columns, pages in rows}  # type: ignore[arg-type]


def scan(connection: Connection, relation: Relation) -> Content:
    """Count and fingerprint one table's own rows, exactly. Raises what the server raises."""
    # The alias cannot be mistaken for a column: each column is named with it.
    row = ", ".join(f"x.{column}" for column in relation.columns)
    query = (
        "SELECT pg_catalog.count(*), "
        f"COALESCE(pg_catalog.sum(pg_catalog.hashtextextended(ROW({row})::pg_catalog.text, 1)), 0)::pg_catalog.text "
        f"FROM ONLY {relation.name} AS x"
    )
    rows, fingerprint = connection.execute(query.encode()).fetchone() or (None, None)
    return Content(int(str(rows)), str(fingerprint))


class Contents:
    """The contents of many tables, scanned behind the scenes, the largest first; ask for one and wait only for it."""

    def __init__(self, view: View, found: Mapping[str, Relation]) -> None:
        largest_first = sorted(found.values(), key=lambda relation: (-relation.pages, relation.name))
        self._scans: dict[str, Future[Content]] = {
            relation.name: view.submit(_scan_of(relation, view)) for relation in largest_first
        }

    @property
    def tables(self) -> frozenset[str]:
        """The tables that are scanned."""
        return frozenset(self._scans)

    def of(self, table: str) -> Content:
        """Return one table's content. Raises `CannotTell` if the server refused it; the table must be among `tables`."""
        return self._scans[table].result()


def _scan_of(relation: Relation, view: View) -> Callable[[Connection], Content]:
    def ask(connection: Connection) -> Content:
        try:
            return scan(connection, relation)
        except psycopg.Error as error:
            raise CannotTell(f"{relation.name} could not be read: {reason(error, view.role, relation.name)}") from error

    return ask
