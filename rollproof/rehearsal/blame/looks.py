"""The facts in question, looked at in the tool's own session, which stays as it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from rollproof.catalog.capture import Scope, facts_seen
from rollproof.catalog.queries import SQL
from rollproof.model.names import table_of
from rollproof.rehearsal.blame.row_looks import Columns, Memory, Rows, rows_seen, with_key_first
from rollproof.rehearsal.blame.trail import Key, Seen
from rollproof.rows.tables import Relation, relations
from rollproof.server.reader import Connection
from rollproof.server.transactions import Limits, pins
from rollproof.sources.source import CONTENT

_AS_OURSELVES = b"SET LOCAL SESSION AUTHORIZATION DEFAULT"
_AS_NOBODY_ELSE = b"SET LOCAL ROLE NONE"
_LIMITS = Limits(lock_timeout=0.5)  # who holds the lock may be waiting until we have looked
_WRITTEN = b"SELECT pg_catalog.pg_current_wal_insert_lsn()::text"
_ABOUT_ROWS = frozenset({"untouched_rows", "migrated_rows", "orphans"})
_UNWRITTEN = frozenset({"sequences", "sequence_positions"})  # one WAL record tells of the next 32 values of a sequence


def key_of(check: str, subject: str) -> Key | None:
    """Return the fact that a finding is about; None if it is about none that a query of ours reads."""
    if check in _ABOUT_ROWS:
        return ("content", table_of(subject) or subject)
    return (check, subject) if check in CONTENT or (SQL / f"{check}.sql").exists() else None


@dataclass(frozen=True)
class Look:
    """Looks at facts (`keys`). `columns` are, of tables whose rows are looked at, those that are looked at one by one."""

    scope: Scope
    keys: frozenset[Key]
    columns: Columns = field(default_factory=dict)
    oids: Mapping[str, int] = field(default_factory=dict)
    """Of these tables, by which one is found that was renamed."""
    is_logged: bool = True
    """Whether the server's WAL grows whenever one of the facts changes."""

    @property
    def tables(self) -> frozenset[str]:
        """The tables whose rows are looked at."""
        return frozenset(identity for facet, identity in self.keys if facet in CONTENT)

    def first(self, connection: Connection) -> "Look":
        """Return what looks at the columns, too, that the tables have now."""
        with _aside(connection, b"I"):
            found = dict(self._relations(connection))
            columns = {table: with_key_first(connection, each) for table, each in found.items()}
            facets = {facet for facet, _ in self.keys}
            unlogged = connection.execute(
                b"SELECT FROM pg_catalog.pg_class WHERE relpersistence = 'u' LIMIT 1"
            ).fetchall()
        oids = {table: each.oid for table, each in found.items()}
        return replace(self, columns=columns, oids=oids, is_logged=not (unlogged or facets & _UNWRITTEN))

    def at(self, connection: Connection, status: bytes, memory: Memory | None = None) -> Seen:
        """Return the facts as the session sees them, untouched rows from `memory`. Raises what the server raises."""
        with _aside(connection, status):
            facts = facts_seen(connection, self.scope, {facet for facet, _ in self.keys} - {*CONTENT})
            rows = [self._rows(connection, *each, memory) for each in self._relations(connection)]
        catalogue = {(facet, identity): told for facet, known in facts.items() for identity, told in known.items()}
        return catalogue | {key: told for each in rows for key, told in each.items()}

    def _rows(self, connection: Connection, table: str, relation: Relation, memory: Memory | None) -> Rows:
        return rows_seen(connection, table, relation, self.columns.get(table, ()), memory)

    def written(self, connection: Connection) -> str:
        """Return how far the server has written its WAL; "" if that says nothing about the facts."""
        row = connection.execute(_WRITTEN).fetchone() if self.is_logged else None
        return str(row[0]) if row else ""

    def _relations(self, connection: Connection) -> Iterator[tuple[str, Relation]]:
        found = relations(connection, self.scope.names(connection)) if self.tables else {}
        by_oid = {each.oid: each for each in found.values()}
        for table in sorted(self.tables):
            if relation := found.get(table) or by_oid.get(self.oids.get(table, 0)):
                yield table, relation


@contextmanager
def _aside(connection: Connection, status: bytes) -> Iterator[None]:
    """As ourselves, with all settings pinned, in a transaction or a savepoint that is rolled back."""
    inside = status == b"T"
    connection.execute(b"SAVEPOINT rollproof" if inside else b"BEGIN")
    try:
        connection.execute(_AS_OURSELVES)
        connection.execute(_AS_NOBODY_ELSE)
        connection.execute(pins(connection, _LIMITS).encode())
        yield
    finally:
        connection.execute(b"ROLLBACK TO SAVEPOINT rollproof" if inside else b"ROLLBACK")
        if inside:
            connection.execute(b"RELEASE SAVEPOINT rollproof")
