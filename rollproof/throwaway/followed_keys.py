"""Foreign keys followed from rows of a copy, which has not all rows, to what they refer to; as SQL, all names quoted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rollproof.server.connection import Connection

# Of a key to a table with parts, those to each part are left out: the one to the whole says all. Texts are cast to no domain, nor
# to what is made of one: that would run its checks, on the source.
_KEYS = """
WITH RECURSIVE domains (oid, base, mod) AS (
    SELECT t.oid, t.typbasetype, t.typtypmod FROM pg_catalog.pg_type AS t WHERE t.typtype = 'd'
    UNION ALL
    SELECT d.oid, t.typbasetype, t.typtypmod
    FROM domains AS d
    JOIN pg_catalog.pg_type AS t ON t.oid = d.base AND t.typtype = 'd'
),
columns (relation, num, type, mod) AS (
    SELECT a.attrelid, a.attnum, COALESCE(d.base, a.atttypid), COALESCE(d.mod, a.atttypmod)
    FROM pg_catalog.pg_attribute AS a
    LEFT JOIN domains AS d ON d.oid = a.atttypid AND d.base NOT IN (SELECT further.oid FROM domains AS further)
    WHERE a.attnum > 0
)
SELECT
    format('%I.%I', n.nspname, c.relname),
    format('%I.%I', pn.nspname, p.relname),
    ARRAY(SELECT quote_ident(a.attname) FROM unnest(k.conkey) WITH ORDINALITY AS u (num, place)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.num ORDER BY u.place),
    ARRAY(SELECT quote_ident(a.attname) FROM unnest(k.confkey) WITH ORDINALITY AS u (num, place)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.oid AND a.attnum = u.num ORDER BY u.place),
    ARRAY(SELECT format_type(a.type, a.mod) FROM unnest(k.conkey) WITH ORDINALITY AS u (num, place)
          JOIN columns AS a ON a.relation = c.oid AND a.num = u.num ORDER BY u.place),
    ARRAY(SELECT format('OPERATOR(%I.%s)', opn.nspname, o.oprname) FROM unnest(k.conpfeqop) WITH ORDINALITY AS u (op, place)
          JOIN pg_catalog.pg_operator AS o ON o.oid = u.op
          JOIN pg_catalog.pg_namespace AS opn ON opn.oid = o.oprnamespace ORDER BY u.place)
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
LEFT JOIN pg_catalog.pg_constraint AS up ON up.oid = k.conparentid
WHERE k.contype = 'f' AND c.relkind = 'r' AND up.conrelid IS DISTINCT FROM k.conrelid
    AND NOT EXISTS (
        SELECT
        FROM columns AS a
        JOIN pg_catalog.pg_type AS t ON t.oid = a.type
        LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem
        LEFT JOIN pg_catalog.pg_range AS r ON r.rngtypid = t.oid
        WHERE a.relation = c.oid AND a.num = ANY (k.conkey)
            AND (t.typtype IN ('c', 'm') OR e.typtype IN ('c', 'd') OR r.rngsubtype >= 16384)
    )
"""
# An extension fills its own tables when it is made.
_HELD = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS e
        WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
    )
"""
_PARTS = """
SELECT format('%I.%I', n.nspname, c.relname), format('%I.%I', pn.nspname, p.relname)
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
"""


@dataclass(frozen=True)
class Key:
    """A foreign key of a table with rows of its own. The parent's rows are in its `leaves`: in itself, or in its parts.

    A row of the parent is meant if each of its `keys` equals, by the operator of `equals`, the child's column of this type.
    """

    child: str
    parent: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    types: tuple[str, ...]
    equals: tuple[str, ...]
    leaves: tuple[str, ...] = ()

    @property
    def is_of_itself(self) -> bool:
        """Whether rows refer to rows of the same table."""
        return self.leaves == (self.child,)

    @property
    def missing(self) -> str:
        """Ask a copy for keys that rows refer to and that it has not, as text; what is equal is not always the same as text."""
        child = ", ".join(f"x.{column}::text" for column in self.columns)
        return (
            f"SELECT DISTINCT {child} FROM ONLY {self.child} AS x "
            f"WHERE {self._filled('x')} AND NOT EXISTS (SELECT {self._met_by(f'x.{column}' for column in self.columns)})"
        )

    def lacking(self, values: str) -> str:
        """Ask a copy which of these values, as VALUES lists them, are keys that it has not."""
        given = ", ".join(f"u.k{place}" for place in range(len(self.keys)))
        return f"SELECT {given} FROM {self._listed(values)} WHERE NOT EXISTS (SELECT {self._met_by(self._typed)})"

    def above(self, values: str) -> str:
        """Ask the source for these keys and those that their rows refer to, on and on; as text."""
        names = ", ".join(f"k{place}" for place in range(len(self.keys)))
        further = ", ".join(f"y.{column}" for column in self.columns)
        meets = self._meets(f"up.k{place}" for place in range(len(self.keys)))
        texts = ", ".join(f"k{place}::text" for place in range(len(self.keys)))
        return (
            f"WITH RECURSIVE up ({names}) AS (SELECT {', '.join(self._typed)} FROM {self._listed(values)} UNION "
            f"SELECT {further} FROM up JOIN ONLY {self.parent} AS y ON {meets} WHERE {self._filled('y')}) SELECT {texts} FROM up"
        )

    def rows(self, leaf: str, values: str, columns: str) -> str:
        """Ask the source for these columns of the rows of a leaf that have these keys."""
        met = self._meets(self._typed)
        return f"SELECT {columns} FROM ONLY {leaf} AS y WHERE EXISTS (SELECT FROM {self._listed(values)} WHERE {met})"

    def _filled(self, row: str) -> str:
        return " AND ".join(f"{row}.{column} IS NOT NULL" for column in self.columns)

    def _met_by(self, others: Iterable[str]) -> str:
        only = "ONLY " if self.leaves == (self.parent,) else ""
        return f"FROM {only}{self.parent} AS y WHERE {self._meets(others)}"

    def _meets(self, others: Iterable[str]) -> str:
        each = zip(self.keys, self.equals, others, strict=True)
        return " AND ".join(f"y.{key} {equals} {other}" for key, equals, other in each)

    @property
    def _typed(self) -> Sequence[str]:
        return [f"u.k{place}::{kind}" for place, kind in enumerate(self.types)]

    def _listed(self, values: str) -> str:
        return f"(VALUES {values}) AS u ({', '.join(f'k{place}' for place in range(len(self.keys)))})"


@dataclass(frozen=True)
class Looked:
    """What there is: tables with rows of their own, the parts of tables, foreign keys, and the encoding in which rows are read."""

    there: frozenset[str]
    parts: Mapping[str, tuple[str, ...]]
    keys: tuple[Key, ...]
    encoding: str

    @classmethod
    def at(cls, connection: Connection) -> "Looked":
        """Look at the source."""
        there = frozenset(str(name) for (name,) in connection.execute(_HELD.encode()))
        parts: dict[str, tuple[str, ...]] = {}
        for child, parent in connection.execute(_PARTS.encode()):
            parts[str(parent)] = (*parts.get(str(parent), ()), str(child))
        keys = [
            Key(str(child), str(parent), *map(tuple, lists), tuple(_leaves(str(parent), there, parts)))  # type: ignore[arg-type, call-arg]
            for child, parent, *lists in connection.execute(_KEYS.encode())
        ]
        return cls(there, parts, tuple(keys), str(connection.info.parameter_status("client_encoding")))

    def needed(self, wanted: Iterable[str]) -> Iterator[str]:
        """Yield the wanted tables, their parts, and what these refer to, one after the other."""
        ahead = sorted(wanted)
        seen = set(ahead)
        while ahead:
            table = ahead.pop(0)
            yield table
            more = [*self.parts.get(table, ()), *(key.parent for key in self.keys if key.child == table)]
            ahead += [each for each in dict.fromkeys(more) if each not in seen]
            seen.update(more)


def _leaves(table: str, there: frozenset[str], parts: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    if table in there:
        yield table
        return
    for part in parts.get(table, ()):
        yield from _leaves(part, there, parts)
