"""The rows of a table, looked at: their number, each column by itself, and all of it.

A large table is not read again after a statement that did not touch it, as the server's own counters say.
"""

from collections.abc import Mapping

from rollproof.model.names import respelled
from rollproof.rehearsal.blame.trail import Key
from rollproof.rows.row_hash import row_hash
from rollproof.rows.tables import Relation
from rollproof.server.reader import Connection

LARGE = 1_000
"""Pages of a table that is worth a question whether it was touched."""
_COUNTS_AT_ONCE = 150000  # servers before that count behind
_KEY = b"""
SELECT quote_ident(a.attname)
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
WHERE i.indrelid = $1::int8::oid AND i.indisprimary
"""
_TOUCHED = b"""
SELECT c.relfilenode::text,
       pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_inserted(c.oid),
       pg_stat_get_tuples_updated(c.oid) + pg_stat_get_xact_tuples_updated(c.oid),
       pg_stat_get_tuples_deleted(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid)
FROM pg_catalog.pg_class AS c
WHERE c.oid = $1::int8::oid AND pg_relation_size(c.oid) > $2::int8
"""

Columns = Mapping[str, tuple[str, ...]]
Rows = Mapping[Key, str]
Memory = dict[str, tuple[object, Rows]]
"""What a session saw of each large table, and the counters at that time. To be forgotten when something is rolled back."""


def with_key_first(connection: Connection, relation: Relation) -> tuple[str, ...]:
    """Return a table's columns, those of its primary key first."""
    key = {respelled(str(name)) for (name,) in connection.execute(_KEY, (relation.oid,)).fetchall()}
    return tuple(sorted((column for column, _ in relation.columns), key=lambda column: column not in key))


def of_rows(table: str, columns: Columns) -> tuple[Key, ...]:
    """Return what is looked at of a table's rows, what tells most first."""
    return ("rows", table), *(_part_of(table, column) for column in columns.get(table, ())), ("content", table)


def rows_seen(
    connection: Connection, table: str, relation: Relation, columns: tuple[str, ...], memory: Memory | None
) -> Rows:
    """Return what the rows of a table look like, which may have another name now, of these columns as far as they are there."""
    touched = _touched(connection, relation) if memory is not None else None
    if memory is not None and touched and touched == memory.get(table, (None, {}))[0]:
        return memory[table][1]
    seen = _read(connection, table, relation, columns)
    if memory is not None and touched:
        memory[table] = touched, seen
    return seen


def _touched(connection: Connection, relation: Relation) -> object:
    """Return what changes whenever the table does; None for a small one, which is simply read, and where nobody counts."""
    if connection.info.server_version < _COUNTS_AT_ONCE:
        return None
    counts = connection.execute(_TOUCHED, (relation.oid, LARGE * 8192)).fetchone()
    return (relation.oid, relation.columns, counts) if counts else None


def _read(connection: Connection, table: str, relation: Relation, known: tuple[str, ...]) -> Rows:
    own, version = dict(relation.columns), connection.info.server_version
    there = [(column, own[column]) for column in known if column in own]
    groups = [*([column] for column in there), there] if there else []
    sums = "".join(f", sum({row_hash('x', group, version)})::text" for group in groups)
    row = connection.execute(f"SELECT count(*)::text{sums} FROM {relation.source} AS x".encode()).fetchone() or ()
    number, *prints = map(str, row)
    others = sorted(set(known) ^ own.keys())
    parts = {_part_of(table, column): told for (column, _), told in zip(there, prints, strict=False)}
    return parts | {("rows", table): number, ("content", table): f"{prints[-1:]} {others}"}


def _part_of(table: str, column: str) -> Key:
    return "content", f"{table}\0{column}"
