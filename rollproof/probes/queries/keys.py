"""Look-ups by primary keys, unique constraints and foreign keys: which there are, and the query that looks up a row that is there.

The value is taken and used inside one query, and never leaves the server. The planner does not know it, so the plan is that of any
value, as of a prepared statement; the same after the rows were written anew in another order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rollproof.model.names import respelled, unquoted
from rollproof.server.reader import Connection

LEAVES = 50  # partitions: a query over the whole locks each of them, and its indexes
OWN_QUESTION = "the operator = of its type is not PostgreSQL's own, and nobody can say which one the application uses"

# Keys of large tables, and of partitioned ones as a whole. One by which ranges exclude each other (WITHOUT OVERLAPS) is none.
_KEYS = """
WITH large AS MATERIALIZED (
    SELECT r.oid, r.relkind, quote_ident(n.nspname) || '.' || quote_ident(r.relname) AS name,
           CASE WHEN $2::text[] IS NULL AND r.relkind = 'r' AND r.reltuples < 0 THEN pg_relation_size(r.oid) / 80
                ELSE r.reltuples END::int8 AS tuples
    FROM pg_catalog.pg_class AS r
    JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace AND n.nspname = ANY ($1)
    WHERE r.relkind IN ('r', 'p')
        AND NOT r.relispartition
        AND r.relpersistence <> 't'
        AND (
            r.relkind = 'p'
            OR $2::text[] IS NULL AND (r.reltuples >= $3 OR r.reltuples < 0)
            OR r.oid = ANY (ARRAY(SELECT to_regclass(u.name)::oid FROM unnest($2::text[]) AS u (name)))
        )
)
SELECT large.name, large.relkind = 'p', large.tuples, columns.named
FROM large
JOIN pg_catalog.pg_constraint AS con ON con.conrelid = large.oid
LEFT JOIN pg_catalog.pg_class AS i ON i.oid = con.conindid
LEFT JOIN pg_catalog.pg_am AS am ON am.oid = i.relam
CROSS JOIN LATERAL (
    SELECT array_agg(quote_ident(a.attname) ORDER BY u.place) AS named
    FROM unnest(con.conkey) WITH ORDINALITY AS u (number, place)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = u.number
    OFFSET 0
) AS columns
WHERE (con.contype IN ('p', 'u') AND am.amname = 'btree' OR con.contype = 'f')
    AND COALESCE(to_jsonb(con) ->> 'conperiod', 'false') = 'false' -- the column is there from 18 on
"""

# The partitions that hold the rows of partitioned tables; pg_partition_tree() would lock them.
_LEAVES = """
WITH RECURSIVE tree AS (
    SELECT u.name, to_regclass(u.name)::oid AS oid FROM unnest($1::text[]) AS u (name)
    UNION ALL
    SELECT tree.name, i.inhrelid FROM tree JOIN pg_catalog.pg_inherits AS i ON i.inhparent = tree.oid
)
SELECT tree.name, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       CASE WHEN $2 AND c.relkind = 'r' AND c.reltuples < 0 THEN pg_relation_size(c.oid) / 80 ELSE c.reltuples END::int8
FROM tree
JOIN pg_catalog.pg_class AS c ON c.oid = tree.oid AND c.relkind <> 'p'
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
"""

# What is there now: the table's kind, the operator by which a column is compared with a value of its own type (PostgreSQL's own
# where it has one), whether to run that calls no function of a user's, and whether an index can find a value of the column.
_COLUMNS = """
WITH RECURSIVE base AS (
    SELECT asked.place, a.attrelid, a.attnum, a.atttypid AS type
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (relation, attribute, place)
    JOIN pg_catalog.pg_attribute AS a
      ON a.attrelid = to_regclass(asked.relation)::oid AND a.attname = asked.attribute AND NOT a.attisdropped
    UNION ALL
    SELECT base.place, base.attrelid, base.attnum, t.typbasetype
    FROM base
    JOIN pg_catalog.pg_type AS t ON t.oid = base.type AND t.typtype = 'd'
)
SELECT
    base.place,
    c.relkind = 'p',
    CASE
        WHEN t.typtype IN ('e', 'c', 'r', 'm') OR t.typcategory = 'A' OR tn.nspname = 'pg_catalog' THEN 'pg_catalog'
        ELSE (
            SELECT CASE WHEN count(*) = 1 THEN min(quote_ident(n.nspname)) END
            FROM pg_catalog.pg_operator AS o
            JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
            WHERE o.oprname = '=' AND o.oprleft = t.oid AND o.oprright = t.oid
        )
    END,
    t.typtype = 'e' OR tn.nspname = 'pg_catalog',
    EXISTS (
        SELECT FROM pg_catalog.pg_index AS i
        WHERE i.indrelid = base.attrelid
            AND i.indkey[0] = base.attnum
            AND i.indisvalid AND i.indisready AND i.indislive AND i.indpred IS NULL
    ),
    1 + (SELECT count(*) FROM pg_catalog.pg_index AS i WHERE i.indrelid = base.attrelid)
FROM base
JOIN pg_catalog.pg_type AS t ON t.oid = base.type AND t.typtype <> 'd'
JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.typnamespace
JOIN pg_catalog.pg_class AS c ON c.oid = base.attrelid AND c.relkind IN ('r', 'p')
"""


@dataclass(frozen=True)
class Key:
    """Columns of a table by which rows are looked up; names are quoted."""

    table: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table} ({', '.join(self.columns)})"


@dataclass(frozen=True)
class Lookup:
    """A look-up by a key: the relation as it stands in FROM, the operator of each column.

    `is_plain`: to run it calls no function of a user's. `has_index`: there is an index that can find a row by it. `locks` are what
    planning it takes; of a partitioned table as many for each partition.
    """

    key: Key
    source: str
    operators: tuple[str, ...]
    is_plain: bool
    has_index: bool
    locks: int

    @property
    def partitioned(self) -> bool:
        """Whether its table is."""
        return self.source == self.key.table

    @property
    def sql(self) -> str:
        """The query that looks up a row by values that are there."""
        columns = self.key.columns
        values = ", ".join(f"x.{column} AS v{place}" for place, column in enumerate(columns))
        filled = " AND ".join(f"x.{column} IS NOT NULL" for column in columns)
        equal = " AND ".join(
            f"t.{column} {operator} (SELECT w.v{place} FROM wanted AS w)"
            for place, (column, operator) in enumerate(zip(columns, self.operators, strict=True))
        )
        wanted = f"SELECT {values} FROM {self.source} AS x WHERE {filled} LIMIT 1"
        return f"WITH wanted AS MATERIALIZED ({wanted}) SELECT t.* FROM {self.source} AS t WHERE {equal}"


def keys(
    connection: Connection, schemas: Sequence[str], least: int, tables: Sequence[str] | None
) -> dict[Key, tuple[bool, int]]:
    """Return the keys of these schemas (raw names); of each whether its table is partitioned, and the planner's number of rows.

    They are those of the `tables` and of partitioned ones. Where it is not known which tables matter, those that the planner
    believes to have at least so many rows; where it does not know either, a table has as many as its file has room for.
    """
    wanted = None if tables is None else list(tables)
    rows = connection.execute(_KEYS.encode(), (list(schemas), wanted, least)).fetchall()
    found = {}
    for table, partitioned, tuples, columns in rows:
        names = tuple(respelled(str(each)) for each in columns)  # type: ignore[attr-defined] # an array
        found[Key(respelled(str(table)), names)] = bool(partitioned), int(str(tuples))
    return found


def leaves(connection: Connection, tables: Sequence[str], *, measured: bool) -> dict[str, dict[str, int]]:
    """Return the partitions that hold the rows of partitioned tables, each with its number of rows, as `keys` has them."""
    found: dict[str, dict[str, int]] = {table: {} for table in tables}
    for table, leaf, tuples in (
        connection.execute(_LEAVES.encode(), (list(tables), measured)).fetchall() if tables else ()
    ):
        found[str(table)][respelled(str(leaf))] = int(str(tuples))
    return found


def lookups(connection: Connection, wanted: Iterable[Key]) -> dict[Key, Lookup | str]:
    """Return the look-up by each key whose table and columns are there, or why there is none by it."""
    asked = [(key, column) for key in wanted for column in key.columns]
    lists = [key.table for key, _ in asked], [unquoted(column) for _, column in asked]
    rows = connection.execute(_COLUMNS.encode(), lists).fetchall() if asked else []
    found: dict[Key, dict[str, tuple[object, ...]]] = {}
    for place, *told in rows:
        key, column = asked[int(str(place)) - 1]
        found.setdefault(key, {})[column] = tuple(told)
    return {key: _lookup(key, told) for key, told in found.items() if len(told) == len(set(key.columns))}


def _lookup(key: Key, told: Mapping[str, tuple[object, ...]]) -> Lookup | str:
    each = [told[column] for column in key.columns]
    if any(schema is None for _, schema, *_ in each):
        return OWN_QUESTION
    partitioned, *_, locks = each[0]
    return Lookup(
        key,
        key.table if partitioned else f"ONLY {key.table}",
        tuple(f"OPERATOR({schema}.=)" for _, schema, *_ in each),
        all(bool(plain) for *_, plain, _, _ in each),
        any(bool(index) for *_, index, _ in each),
        int(str(locks)),
    )
