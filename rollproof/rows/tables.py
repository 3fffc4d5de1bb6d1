"""Tables and materialized views that can be scanned, with their columns and types."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rollproof.model.names import respelled
from rollproof.rows.row_hash import Column, Type
from rollproof.server.reader import Connection, SnapshotReader

T = TypeVar("T")


# What a name is now is asked of a function: a table of the catalogue would be read by the snapshot.
_LOCKED_TABLES = """pg_catalog.pg_locks AS l
 CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_class'::pg_catalog.regclass, l.relation, 0) AS what
 WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384 -- the server's own are below
 AND what.type NOT IN ('index', 'toast table')"""


@dataclass(frozen=True)
class Relation:
    """A table (or materialized view) whose own rows can be scanned.

    Names are quoted, columns sorted by name; virtual generated columns, which are not stored, are left out. `pages` is
    `relpages`, -1 if unknown; `heap`: its access method is heap, so rows have ctids; `tuples` is `reltuples`, -1 if unknown,
    None for a partitioned table. `toast` is `relpages` of what it keeps out of line, -1 if unknown.
    """

    name: str
    columns: tuple[Column, ...]
    pages: int
    oid: int
    heap: bool
    tuples: int | None = None
    toast: int = 0

    @property
    def weight(self) -> int:
        """All its pages, as far as they are known."""
        return max(self.pages, 0) + max(self.toast, 0)

    @property
    def source(self) -> str:
        """Its own rows, without those of children, as in FROM."""
        return f"ONLY {self.name}"

    @property
    def own(self) -> str:
        """A condition that is false for rows `x` of another table, if one has taken its name since."""
        return f"x.tableoid = {self.oid}"

    @property
    def others(self) -> str:
        """SQL that counts rows `x` of another table, and is at least 1 if another table has its name by now."""
        return f"count(*) FILTER (WHERE NOT {self.own}) + {self.renamed}"

    @property
    def other(self) -> str:
        """As `others`, for the only question of a transaction: the tables that it locked are those that it reads.

        To look at each row's table costs a tenth of reading it.
        """
        return f"(SELECT count(*) FROM {_LOCKED_TABLES} AND l.relation <> {self.oid}) + {self.renamed}"

    @property
    def renamed(self) -> str:
        """SQL that is 1 if another table has its name by now, else 0."""
        literal = self.name.replace("'", "''")
        return f"(to_regclass('{literal}')::oid IS DISTINCT FROM {self.oid}::oid)::int4"


@dataclass(frozen=True)
class ScannableTable:
    """A table and the reader of its database; `only` is a condition on its rows, where no others are of interest."""

    view: SnapshotReader
    relation: Relation
    only: str = ""

    @property
    def own(self) -> str:
        """A condition that is true for its rows `x` that are of interest, and for no other table's."""
        return f"{self.relation.own} AND ({self.only})" if self.only else self.relation.own

    @property
    def rows(self) -> str:
        """A FROM and WHERE clause that reads its rows as `x`, and no other table's."""
        return f"{self.relation.source} AS x WHERE {self.own}"

    def ask(self, ask: Callable[[Connection], T]) -> T:
        """Run a query that reads these rows. Raises as `SnapshotReader.ask` does."""
        return self.view.ask(ask, reads=[self.relation.source])


# Foreign tables are left out: their rows live on another server. A partitioned table has no rows of its own (ONLY), and what
# was never populated has none either, and refuses to be read.
_HELD = """
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)
LEFT JOIN pg_catalog.pg_attribute AS a
  ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND c.relispopulated
"""

_RELATIONS = f"""
SELECT c.oid::int8, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       CASE WHEN c.reltuples < 0 THEN -1 ELSE c.relpages END, -- nobody looked yet
       EXISTS (SELECT FROM pg_catalog.pg_am AS am WHERE am.oid = c.relam AND am.amname = 'heap'),
       COALESCE(array_agg(quote_ident(a.attname) ORDER BY a.attname COLLATE "C") FILTER (WHERE a.attnum > 0), '{{}}'),
       COALESCE(array_agg(a.atttypid::int8 ORDER BY a.attname COLLATE "C") FILTER (WHERE a.attnum > 0), '{{}}'),
       CASE WHEN c.relkind <> 'p' THEN c.reltuples::int8 END,
       COALESCE((SELECT CASE WHEN t.reltuples < 0 AND c.relpages > 0 THEN -1 ELSE t.relpages END
                 FROM pg_catalog.pg_class AS t WHERE t.oid = c.reltoastrelid), 0)
{_HELD}
GROUP BY c.oid, n.nspname, c.relname, c.relpages, c.reltuples, c.relam, c.relkind, c.reltoastrelid
"""

# The types that {begin} yields, and all that these are made of.
_DESCRIBED = """
WITH RECURSIVE used (oid) AS (
    {begin}
    UNION
    SELECT part.oid
    FROM used
    JOIN pg_catalog.pg_type AS t ON t.oid = used.oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype WHERE t.typtype = 'd'
        UNION ALL SELECT t.typelem WHERE t.typtype = 'b' AND t.typoutput = 'array_out'::regproc
        UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
                  WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range AS r WHERE r.rngtypid = t.oid
        UNION ALL SELECT r.rngtypid FROM pg_catalog.pg_range AS r WHERE r.rngmultitypid = t.oid
    ) AS part (oid)
)
SELECT t.oid::int8,
       CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range'
                      WHEN 'm' THEN 'multirange'
                      ELSE CASE t.typoutput WHEN 'array_out'::regproc THEN 'array' ELSE 'base' END END,
       quote_ident(n.nspname) || '.' || quote_ident(t.typname),
       CASE WHEN n.nspname = 'pg_catalog' AND t.typtype = 'b' THEN t.typname ELSE '' END,
       COALESCE((SELECT quote_ident(fn.nspname) || '.' || quote_ident(f.proname) FROM pg_catalog.pg_proc AS f
                 JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.pronamespace WHERE f.oid = t.typsend), ''),
       COALESCE((SELECT quote_ident(fn.nspname) || '.' || quote_ident(f.proname) FROM pg_catalog.pg_proc AS f
                 JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.pronamespace
                 WHERE f.oid = t.typoutput AND f.proargtypes[0] = t.oid), ''),
       t.oid = 'text'::regtype OR EXISTS (SELECT FROM pg_catalog.pg_cast AS x WHERE x.castsource = t.oid
                                          AND x.casttarget = 'text'::regtype AND x.castmethod = 'b'),
       CASE t.typtype
           WHEN 'd' THEN ARRAY[t.typbasetype::int8]
           WHEN 'r' THEN ARRAY(SELECT r.rngsubtype::int8 FROM pg_catalog.pg_range AS r WHERE r.rngtypid = t.oid)
           WHEN 'm' THEN ARRAY(SELECT r.rngtypid::int8 FROM pg_catalog.pg_range AS r WHERE r.rngmultitypid = t.oid)
           WHEN 'c' THEN ARRAY(SELECT a.atttypid::int8 FROM pg_catalog.pg_attribute AS a
                               WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
           ELSE ARRAY(SELECT t.typelem::int8 WHERE t.typoutput = 'array_out'::regproc) END,
       ARRAY(SELECT quote_ident(a.attname) FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
FROM used
JOIN pg_catalog.pg_type AS t ON t.oid = used.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
"""


_TYPES = _DESCRIBED.replace("{begin}", f"SELECT a.atttypid {_HELD} AND a.attnum > 0")
_NAMED = "SELECT to_regtype(wanted.name)::oid FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, place)"


def types_named(connection: Connection, names: Sequence[str]) -> list[Type | None]:
    """Return the types of these names, as `format_type` writes them; None for a name that is no type here."""
    begin = f"{_NAMED} WHERE to_regtype(wanted.name) IS NOT NULL"
    rows = connection.execute(_DESCRIBED.replace("{begin}", begin).encode(), (list(names),)).fetchall()
    described = {int(str(row[0])): row for row in rows}
    known: dict[int, Type] = {}
    oids = connection.execute(f"{_NAMED} ORDER BY wanted.place".encode(), (list(names),)).fetchall()
    return [None if oid is None else _type(int(str(oid)), described, known) for (oid,) in oids]


def relations(connection: Connection, schemas: Sequence[str]) -> dict[str, Relation]:
    """Return what can be scanned in these schemas (raw names), by quoted, qualified name."""
    parameters = (list(schemas),)
    described = {int(row[0]): row for row in connection.execute(_TYPES.encode(), parameters).fetchall()}  # type: ignore[call-overload]
    known: dict[int, Type] = {}
    found = {}
    rows = connection.execute(_RELATIONS.encode(), parameters).fetchall()
    for oid, quoted, pages, heap, columns, types, tuples, toast in rows:
        name = respelled(str(quoted))
        typed = tuple((respelled(str(c)), _type(t, described, known)) for c, t in zip(columns, types, strict=True))  # type: ignore[call-overload]
        numbers = int(str(pages)), int(str(oid)), bool(heap), tuples, int(str(toast))
        found[name] = Relation(name, typed, *numbers)  # type: ignore[arg-type] # a number or none
    return found


def _type(oid: int, described: Mapping[int, tuple[object, ...]], known: dict[int, Type]) -> Type:
    if oid not in known:
        _, kind, name, builtin, send, output, is_text, parts, fields = described[oid]
        inner = [_type(part, described, known) for part in parts]  # type: ignore[attr-defined]
        if kind == "domain":
            known[oid] = inner[0]
        else:
            # An array of a domain is told as an array of what the domain is over, unless that is an array again.
            plain = f"{inner[0].name}[]" if kind == "array" and inner[0].kind != "array" else str(name)
            named = zip(fields if kind == "composite" else [""] * len(inner), inner, strict=True)  # type: ignore[call-overload]
            known[oid] = Type(plain, str(kind), str(builtin), str(send), str(output), bool(is_text), tuple(named))
    return known[oid]
