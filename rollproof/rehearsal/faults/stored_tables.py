"""Tables that hold rows, and their columns, as the faults of rows need them: asked of the catalogue for this alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

_TABLES = """
SELECT
    c.oid::int8 AS number,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table_name,
    c.relkind::text AS kind,
    c.relpersistence::text AS persistence,
    c.relhasrules AS has_rules,
    c.relhastriggers AS has_triggers,
    c.relkind = 'm'
    OR EXISTS (SELECT FROM pg_trigger AS g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled IN ('A', 'R'))
    OR EXISTS (SELECT FROM pg_rewrite AS r WHERE r.ev_class = c.oid AND r.ev_enabled IN ('A', 'R')) AS interferes,
    ARRAY(
        SELECT ARRAY[
            quote_ident(pn.nspname) || '.' || quote_ident(p.relname),
            (
                SELECT string_agg(quote_ident(pa.attname), ', ' ORDER BY pa.attnum) FROM pg_attribute AS pa
                WHERE pa.attrelid = p.oid AND pa.attnum > 0 AND NOT pa.attisdropped AND pa.attgenerated = ''
            )
        ]
        FROM pg_inherits AS h
        JOIN pg_class AS p ON p.oid = h.inhparent AND p.relkind = 'r'
        JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
        WHERE h.inhrelid = c.oid ORDER BY h.inhseqno
    ) AS parents,
    ARRAY(
        SELECT i.indkey::text FROM pg_index AS i
        WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion) ORDER BY i.indexrelid
    ) AS unique_keys,
    quote_ident(a.attname) AS column_name,
    a.attnum::int4 AS place,
    a.atttypid::int8 AS type,
    format_type(a.atttypid, a.atttypmod) AS declared,
    a.attnotnull AS is_not_null,
    a.attgenerated <> '' AS is_generated,
    a.attidentity = 'a' AS is_always_identity
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'm')
    AND c.relpersistence <> 't'
    AND c.relispopulated
    AND n.nspname <> 'information_schema'
    AND n.nspname !~ '^pg_'
ORDER BY table_name, place
"""


@dataclass(frozen=True)
class StoredColumn:
    """A column: its `name` as SQL writes it, the number of its `type`, and the type with its length as it is `declared`."""

    name: str
    place: int
    type: int
    declared: str
    is_not_null: bool
    is_generated: bool
    is_always_identity: bool

    @property
    def value(self) -> str:
        """Its value in a row `x`, as SQL."""
        return f"x.{self.name}"


@dataclass(frozen=True)
class StoredTable:
    """A table or a materialized view, by its `name` as SQL writes it.

    `unique_keys` are the columns of which rows must differ, by their numbers; `parents` are those it inherits from, with their
    columns. Where a trigger or a rule `interferes`, or a publication, or it is a view, its rows are changed between `around`.
    """

    name: str
    columns: tuple[StoredColumn, ...]
    unique_keys: tuple[tuple[int, ...], ...]
    parents: tuple[tuple[str, str], ...]
    around: tuple[str, str]
    interferes: bool

    @property
    def writable(self) -> tuple[StoredColumn, ...]:
        """The columns that a statement can give values: generated ones follow."""
        return tuple(each for each in self.columns if not each.is_generated)


def stored_tables(connection: psycopg.Connection) -> Iterator[StoredTable]:
    """Yield what holds rows in the database, by name; the session's search path is empty."""
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        rows: list[Any] = cursor.execute(_TABLES).fetchall()
    for name, group in groupby(rows, key=lambda row: str(row.table_name)):
        found = list(group)
        first = found[0]
        columns = (_column(row) for row in found if row.column_name)
        keys = (tuple(int(place) for place in key.split()) for key in first.unique_keys)
        parents = tuple((str(parent), str(names)) for parent, names in first.parents if names)
        yield StoredTable(name, tuple(columns), tuple(keys), parents, _around(first), first.interferes)


def _column(row: Any) -> StoredColumn:
    flags = row.is_not_null, row.is_generated, row.is_always_identity
    return StoredColumn(row.column_name, row.place, row.type, row.declared, *flags)


def _around(row: Any) -> tuple[str, str]:
    """Have the catalogue call it a plain table that is not published: nobody's code runs, and a view's rows can be changed."""
    allow = "SELECT pg_catalog.set_config('allow_system_table_mods', '{}', false); "
    said = (
        "UPDATE pg_catalog.pg_class SET relkind = '{}', relpersistence = '{}', relhasrules = {}, relhastriggers = {}"
        " WHERE oid = '{}'::regclass; "
    )
    literal = row.table_name.replace("'", "''")
    plain = said.format("r", "u", "false", "false", literal)
    own = said.format(row.kind, row.persistence, row.has_rules, row.has_triggers, literal)
    return allow.format("on") + plain, "; " + own + allow.format("off")
