"""When two columns are equal, as SQL that runs no function of a user's: not by an operator, nor by a cast that it would need."""

from collections.abc import Sequence
from dataclasses import dataclass

from rollproof.model.errors import Inconclusive
from rollproof.model.names import names, unquoted
from rollproof.server.reader import Connection
from rollproof.server.user_code import parts, users_functions

USUAL = "OPERATOR(pg_catalog.=)"


@dataclass(frozen=True)
class ColumnPair:
    """Two columns, each as table and quoted column, and how SQL writes them and the operator between them."""

    left: tuple[str, str]
    right: tuple[str, str]
    sides: tuple[str, str]
    operator: str = USUAL

    @property
    def named(self) -> tuple[tuple[str, tuple[str, str]], ...]:
        """The columns by side."""
        return ("left", self.left), ("right", self.right)

    def __str__(self) -> str:
        return f"{self.sides[0]} {self.operator} {self.sides[1]}"


_TYPES = """
WITH RECURSIVE base (place, side, oid) AS (
    SELECT asked.place, asked.side, a.atttypid
    FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[]) AS asked (place, side, relation, attribute)
    JOIN pg_catalog.pg_attribute AS a
      ON a.attrelid = to_regclass(asked.relation)::oid AND a.attname = asked.attribute AND NOT a.attisdropped
    UNION ALL
    SELECT base.place, base.side, t.typbasetype
    FROM base
    JOIN pg_catalog.pg_type AS t ON t.oid = base.oid AND t.typtype = 'd'
)
SELECT base.place, base.side, base.oid::int8
FROM base
JOIN pg_catalog.pg_type AS t ON t.oid = base.oid AND t.typtype <> 'd'
"""

# Of an operator that takes just these two types PostgreSQL looks no further. For others it may take any of that name, and casts.
_ASKED = """
WITH named AS (
    SELECT
        o.oprleft, o.oprright, p.oid::regprocedure::text AS function,
        p.oid >= 16384 AND l.lanname NOT IN ('internal', 'c') AS users
    FROM pg_catalog.pg_operator AS o
    JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace AND n.nspname = $3
    JOIN pg_catalog.pg_proc AS p ON p.oid = o.oprcode
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
    WHERE o.oprname = $4
)
SELECT
    l.typtype = 'e' AND l.oid = r.oid,
    EXISTS (SELECT FROM named WHERE named.oprleft = l.oid AND named.oprright = r.oid AND NOT named.users),
    (SELECT min(named.function) FROM named WHERE named.users),
    (
        SELECT min(format('the cast from %s by %s', format_type(c.castsource, NULL), p.oid::regprocedure))
        FROM pg_catalog.pg_cast AS c
        JOIN pg_catalog.pg_proc AS p ON p.oid = c.castfunc AND p.oid >= 16384
        JOIN pg_catalog.pg_language AS g ON g.oid = p.prolang AND g.lanname NOT IN ('internal', 'c')
        WHERE c.castcontext = 'i' AND c.castsource IN (l.oid, r.oid)
    ),
    ARRAY[l.tableoid, r.tableoid], ARRAY[l.oid, r.oid]
FROM pg_catalog.pg_type AS l, pg_catalog.pg_type AS r
WHERE l.oid = $1::int8::oid AND r.oid = $2::int8::oid
"""


_OWN = 16384
"""What users make has numbers from here on."""
_EXACT: set[tuple[int, str, int, int]] = set()
"""Operators of PostgreSQL's own that take just two types of its own, by major version: that is so in every database."""


def equal(connection: Connection, pairs: Sequence[ColumnPair]) -> list[str]:
    """Return the conditions under which each pair is equal. Raises `Inconclusive` where a user's function would have to run."""
    asked = [(place, side, *named) for place, pair in enumerate(pairs) for side, named in pair.named]
    lists = [list(each) for each in zip(*asked, strict=True)]
    lists[3] = [unquoted(str(column)) for column in lists[3]]
    rows = connection.execute(_TYPES.encode(), lists).fetchall()
    types = {(int(str(place)), str(side)): int(str(oid)) for place, side, oid in rows}
    return [
        _equal(connection, pair, types.get((place, "left")), types.get((place, "right")))
        for place, pair in enumerate(pairs)
    ]


def _equal(connection: Connection, pair: ColumnPair, left: int | None, right: int | None) -> str:
    if left is None or right is None:  # the server says what is not there
        return str(pair)
    known = connection.info.server_version // 10_000, pair.operator, left, right
    if known in _EXACT:
        return str(pair)
    schema, _, name = pair.operator.removeprefix("OPERATOR(").removesuffix(")").rpartition(".")
    row = connection.execute(_ASKED.encode(), (left, right, unquoted(schema), name)).fetchone()
    if row is None:  # a type that is gone by now
        raise Inconclusive(f"{pair.left[0]} was changed while it was read; run again")
    same_enum, exact, function, cast, catalogues, types = row
    if exact:
        if schema == "pg_catalog" and max(left, right) < _OWN:
            _EXACT.add(known)
        return str(pair)
    if same_enum:  # by their labels, of which there is one for each value
        texts = (f"pg_catalog.textin(pg_catalog.enum_out({side}))" for side in pair.sides)
        return f" {USUAL} ".join(texts)
    if not (found := function or cast):
        made = set(zip(catalogues, types, strict=True))  # type: ignore[call-overload] # two arrays
        found = next(iter(users_functions(connection, parts(connection, made)).values()), None)
    if found:
        raise Inconclusive(_not_comparable(pair, str(found)))
    return str(pair)


def _not_comparable(pair: ColumnPair, function: str) -> str:
    one, other = (".".join((*names(table), column)) for table, column in (pair.left, pair.right))
    return f"{one} cannot be compared with {other} without running what is not PostgreSQL's own: {function}"
