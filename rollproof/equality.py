"""When two columns are equal, as SQL that runs no function of a user's: not by an operator, nor by a cast that it would need."""

from collections.abc import Sequence
from dataclasses import dataclass

from rollproof.errors import CannotTell
from rollproof.obstacles import parts, users_functions
from rollproof.session import Connection
from rollproof.spelling import names, unquoted

USUAL = "OPERATOR(pg_catalog.=)"


@dataclass(frozen=True)
class Compared:
    """Two columns, each as table and quoted column, and how SQL writes them and the operator between them."""

    left: tuple[str, str]
    right: tuple[str, str]
    sides: tuple[str, str]
    operator: str = USUAL

    def __str__(self) -> str:
        return f"{self.sides[0]} {self.operator} {self.sides[1]}"


# Of an operator that takes just these two types PostgreSQL looks no further. For others it may take any of that name, and casts.
_ASKED = """
WITH RECURSIVE base (place, side, oid) AS (
    SELECT asked.place, asked.side, a.atttypid
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (side, relation, attribute, place)
    JOIN pg_catalog.pg_attribute AS a
      ON a.attrelid = to_regclass(asked.relation)::oid AND a.attname = asked.attribute AND NOT a.attisdropped
    UNION ALL
    SELECT base.place, base.side, t.typbasetype
    FROM base
    JOIN pg_catalog.pg_type AS t ON t.oid = base.oid AND t.typtype = 'd'
),
typed AS (
    SELECT base.place, base.side, t.oid, t.tableoid, t.typtype
    FROM base
    JOIN pg_catalog.pg_type AS t ON t.oid = base.oid AND t.typtype <> 'd'
),
named AS (
    SELECT
        o.oprleft, o.oprright, p.oid::regprocedure::text AS function,
        p.oid >= 16384 AND l.lanname NOT IN ('internal', 'c') AS users
    FROM pg_catalog.pg_operator AS o
    JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace AND n.nspname = $4
    JOIN pg_catalog.pg_proc AS p ON p.oid = o.oprcode
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
    WHERE o.oprname = $5
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
FROM typed AS l, typed AS r
WHERE l.side = 'left' AND r.side = 'right'
"""


def equal(connection: Connection, pairs: Sequence[Compared]) -> list[str]:
    """Return the conditions under which each pair is equal. Raises `CannotTell` where a user's function would have to run."""
    return [_equal(connection, pair) for pair in pairs]


def _equal(connection: Connection, pair: Compared) -> str:
    schema, _, name = pair.operator.removeprefix("OPERATOR(").removesuffix(")").rpartition(".")
    relations, columns = zip(pair.left, pair.right, strict=True)
    asked = ["left", "right"], list(relations), [unquoted(column) for column in columns], unquoted(schema), name
    row = connection.execute(_ASKED.encode(), asked).fetchone()
    if row is None:  # the server says what is not there
        return str(pair)
    same_enum, exact, function, cast, catalogues, types = row
    if exact:
        return str(pair)
    if same_enum:  # by their labels, of which there is one for each value
        texts = (f"pg_catalog.textin(pg_catalog.enum_out({side}))" for side in pair.sides)
        return f" {USUAL} ".join(texts)
    found = function or cast
    if not found:
        made = set(zip(catalogues, types, strict=True))  # type: ignore[call-overload] # two arrays
        found = next(iter(users_functions(connection, parts(connection, made)).values()), None)
    if found:
        left, right = (".".join((*names(table), column)) for table, column in (pair.left, pair.right))
        raise CannotTell(
            f"{left} cannot be compared with {right} without running what is not PostgreSQL's own: {found}"
        )
    return str(pair)
