"""The tables of a database, with what their rows must obey, as the catalogue has it."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import psycopg

from rollproof.model.names import is_word, sql_name

Admin = psycopg.Connection[tuple[Any, ...]]

_TABLES = """
SELECT
    c.oid::bigint, n.nspname::text, c.relname::text, c.relkind = 'p',
    CASE WHEN c.relispartition THEN pg_get_partition_constraintdef(c.oid) END,
    ARRAY(SELECT i.inhparent::bigint FROM pg_inherits AS i WHERE i.inhrelid = c.oid AND c.relispartition)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
AND NOT EXISTS (
    SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
)
ORDER BY 2, 3
"""
_COLUMNS = """
SELECT
    a.attrelid::bigint, quote_ident(a.attname), a.attnum::int, a.atttypid::bigint, a.atttypmod,
    format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated <> '',
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
    CASE WHEN a.attidentity <> '' THEN pg_get_serial_sequence(a.attrelid::regclass::text, a.attname) END
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace <> 'pg_catalog'::regnamespace
ORDER BY a.attrelid, a.attnum
"""
_TYPES = """
SELECT
    t.oid::bigint, n.nspname || '.' || t.typname, t.typtype::text, t.typcategory::text,
    CASE WHEN t.typtype = 'd' THEN t.typbasetype WHEN t.typtype = 'r' THEN r.rngsubtype
         WHEN t.typtype = 'm' THEN m.rngtypid WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END::bigint,
    t.typtypmod, format_type(t.oid, -1), t.typnotnull,
    ARRAY(SELECT e.enumlabel::text FROM pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
    ARRAY(SELECT pg_get_expr(k.conbin, 0) FROM pg_constraint AS k WHERE k.contypid = t.oid AND k.contype = 'c'),
    ARRAY(SELECT a.atttypid::bigint FROM pg_attribute AS a
          WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped AND t.typtype = 'c' ORDER BY a.attnum),
    ARRAY(SELECT a.atttypmod FROM pg_attribute AS a
          WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped AND t.typtype = 'c' ORDER BY a.attnum)
FROM pg_type AS t
JOIN pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_range AS r ON r.rngtypid = t.oid
LEFT JOIN pg_range AS m ON m.rngmultitypid = t.oid
WHERE t.typtype <> 'p'
"""
_CONSTRAINTS = """
SELECT
    k.conrelid::bigint, k.contype::text, k.confrelid::bigint, k.conkey::int[], k.confkey::int[], k.confmatchtype = 'f',
    CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END
FROM pg_constraint AS k
LEFT JOIN pg_constraint AS above ON above.oid = k.conparentid
WHERE k.contype IN ('c', 'f', 'x') AND k.conrelid <> 0
AND COALESCE(to_jsonb(k) ->> 'conenforced', 'true') = 'true' AND above.conrelid IS DISTINCT FROM k.conrelid
"""
_UNIQUE = """
SELECT i.indrelid::bigint, i.indexprs IS NULL AND i.indpred IS NULL, pg_get_indexdef(i.indexrelid),
    (i.indkey::int[])[0:i.indnkeyatts - 1], COALESCE((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
FROM pg_index AS i
WHERE i.indisunique
"""


@dataclass(frozen=True)
class Type:
    """A type: its `kind` as `typtype` has it, and what it is made of: `inner` is a domain's, a range's or an array's type."""

    name: str
    kind: str
    category: str
    inner: int
    typmod: int
    written: str
    is_required: bool
    labels: Sequence[str]
    checks: Sequence[str]
    parts: Sequence[int]
    typmods: Sequence[int]


@dataclass(frozen=True)
class Column:
    """A column: its name and type as SQL writes them, and where its values come from if they are not free."""

    name: str
    number: int
    type: int
    typmod: int
    written: str
    is_required: bool
    is_generated: bool
    default: str | None
    sequence: str | None

    @property
    def counted(self) -> str | None:
        """The expression that takes its next value from a sequence; None if it takes none."""
        if self.sequence:
            return f"nextval({literal(self.sequence)})"
        return self.default if self.default and "nextval(" in self.default else None


@dataclass(frozen=True)
class ForeignKey:
    """Columns that refer to those of another table; if it `is_full` (MATCH FULL), either all of them or none may be NULL."""

    columns: tuple[str, ...]
    table: int
    referenced: tuple[str, ...]
    is_full: bool = False

    def halved(self, required: Container[str]) -> tuple[str, ...]:
        """Return the columns that have a value where others are NULL and so point to nothing; () where that cannot be."""
        found = tuple(name for name in self.columns if name in required)
        return () if self.is_full or len(found) == len(self.columns) else found


@dataclass(frozen=True)
class Table:
    """A table that is part of those it is `within`.

    `unique` are the columns of keys, and whether their NULLs are alike; `apart` are those of keys that only the server can judge.
    """

    oid: int
    schema: str
    bare: str
    is_partitioned: bool
    within: tuple[int, ...]
    columns: tuple[Column, ...] = ()
    checks: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    unique: tuple[tuple[frozenset[str], bool], ...] = ()
    apart: frozenset[str] = frozenset()

    @cached_property
    def name(self) -> str:
        """As SQL writes it, with its schema."""
        return f"{sql_name(self.schema)}.{sql_name(self.bare)}"

    @property
    def only(self) -> str:
        """As FROM has it, without the rows of those that inherit from it."""
        return self.name if self.is_partitioned else f"ONLY {self.name}"


@dataclass(frozen=True)
class Shape:
    """The tables and the types of a database, by their OIDs."""

    tables: Mapping[int, Table]
    types: Mapping[int, Type]

    @classmethod
    def of(cls, connection: Admin) -> "Shape":
        """Ask for them."""
        with connection.transaction():
            connection.execute("SELECT pg_catalog.set_config('search_path', '', true)")
            types = {int(oid): Type(*rest) for oid, *rest in connection.execute(_TYPES).fetchall()}
            return cls(_Reading.of(connection).tables(connection), types)


@dataclass
class _Reading:
    columns: dict[int, dict[int, Column]]
    checks: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    foreign_keys: dict[int, list[ForeignKey]] = field(default_factory=lambda: defaultdict(list))
    unique: dict[int, list[tuple[frozenset[str], bool]]] = field(default_factory=lambda: defaultdict(list))
    apart: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, connection: Admin) -> "_Reading":
        columns: dict[int, dict[int, Column]] = defaultdict(dict)
        for table, name, number, *rest in connection.execute(_COLUMNS).fetchall():
            columns[table][number] = Column(name, number, *rest)
        reading = cls(columns)
        for row in connection.execute(_CONSTRAINTS).fetchall():
            reading.constraint(row)
        for row in connection.execute(_UNIQUE).fetchall():
            reading.key(row)
        return reading

    def constraint(self, row: tuple[Any, ...]) -> None:
        table, kind, other, keys, others, is_full, text = row
        if kind == "c" and text:
            self.checks[table].append(text)
        elif kind == "x":
            self.apart[table] |= {self.columns[table][key].name for key in keys or () if key}
        elif kind == "f" and other in self.columns:
            mine = tuple(self.columns[table][key].name for key in keys)
            theirs = tuple(self.columns[other][key].name for key in others)
            self.foreign_keys[table].append(ForeignKey(mine, other, theirs, is_full))

    def key(self, row: tuple[Any, ...]) -> None:
        table, is_plain, definition, keys, nulls_are_alike = row
        known = self.columns.get(table, {})
        if is_plain and all(key in known for key in keys):
            self.unique[table].append((frozenset(known[key].name for key in keys), nulls_are_alike))
        else:
            self.apart[table] |= {each.name for each in known.values() if is_word(each.name, definition)}

    def tables(self, connection: Admin) -> dict[int, Table]:
        found = {}
        for oid, schema, bare, is_partitioned, bounds, within in connection.execute(_TABLES).fetchall():
            found[oid] = Table(
                oid,
                schema,
                bare,
                is_partitioned,
                tuple(within),
                tuple(self.columns.get(oid, {}).values()),
                (*self.checks[oid], *([bounds] if bounds else [])),
                tuple(self.foreign_keys[oid]),
                tuple(self.unique[oid]),
                frozenset(self.apart[oid]),
            )
        return found


def literal(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
