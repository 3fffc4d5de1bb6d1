"""Whether two expressions, or two queries, have the same plan. Nothing is executed.

An expression is planned as the output of a scan whose columns are typed as the table's are and of which the planner knows
nothing more, so that neither constraints nor NOT NULL nor rows play a part; a query is planned as it is. What a plan does not
show must be the same text. The planner evaluates constants, so nothing is planned that names, however indirectly, a function
which is neither built-in nor written in C: it would run with the privileges of whoever verifies.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence

import psycopg

from rollproof.catalog.folding import require_quiet
from rollproof.model.definitions import Slot, compared, qualified, tokens, unplanned, words
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import facets_where, traits
from rollproof.model.names import names, respelled, unquoted
from rollproof.server.reader import Connection, one, reason
from rollproof.server.transactions import KINDS, restricts
from rollproof.server.user_code import planning_obstacle

_RELATION = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attcollation <> t.typcollation THEN format('%I.%I', cn.nspname, co.collname) END
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation AS co ON co.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace
WHERE n.nspname = $1 AND c.relname = $2
ORDER BY a.attnum
"""
_DOMAIN = """
SELECT 'value', format_type(t.typbasetype, t.typtypmod),
    CASE WHEN t.typcollation <> base.typcollation THEN format('%I.%I', cn.nspname, co.collname) END
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type AS base ON base.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation AS co ON co.oid = t.typcollation
LEFT JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace
WHERE n.nspname = $1 AND t.typname = $2 AND t.typtype = 'd'
"""
_OVERLOADS = """
SELECT p.oid::regprocedure::text
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = $1 AND p.proname = $2
"""
_ARGUMENTS = """
SELECT coalesce(nullif(a.name, ''), '$' || row_number() OVER (ORDER BY a.position)), format_type(a.type, NULL), NULL
FROM pg_catalog.pg_proc AS p
CROSS JOIN unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargnames, p.proargmodes::text[])
    WITH ORDINALITY AS a (type, name, mode, position)
WHERE p.oid = $1::regprocedure AND coalesce(a.mode, 'i') IN ('i', 'b', 'v')
ORDER BY a.position
"""

_Columns = Sequence[tuple[str, str, str | None]]  # raw name, type, and the collation if it is not the type's

_FORBIDDEN = "42501"
_OF_THE_QUESTION = {"42", "22", "0A"}  # classes of errors: the text itself cannot be understood, or worked out
_SHOWS_TESTS = 170000  # until then a plan does not show what is compared with a subquery's rows
_TRIES = 3


def tables_of(connection: Connection, pairs: Sequence[tuple[Slot, Slot]]) -> tuple[str, ...]:
    """Return the tables that both texts of each pair read. Raises `Inconclusive` where they must not be planned."""
    named = {name for pair in pairs for slot in pair for name in qualified(slot.text)}
    why, tables = planning_obstacle(connection, named)
    if why:
        raise Inconclusive(why)
    require_quiet(connection, _mentioned(pairs), named)
    return tables


def _mentioned(pairs: Sequence[tuple[Slot, Slot]]) -> set[str]:
    return set().union(*(words(slot.text) for pair in pairs for slot in pair))


def comes_to_the_same(connection: Connection, facet: str, identity: str, pairs: Sequence[tuple[Slot, Slot]]) -> bool:
    """Tell whether both texts of each pair have the same plan, given what this fact's object may refer to.

    Raises `Inconclusive` with the reason where the server must not or cannot plan them.
    """
    tables_of(connection, pairs)  # it may be another instant by now
    if restricts(connection):  # of the views we know by now what they are made of
        one(connection, f"SELECT set_config('{KINDS}', 'foreign-table', true)")
    mentioned = _mentioned(pairs)
    around = _SURROUNDINGS[traits(facet).expressions](connection, identity)
    rows = [item for alias, columns in around for item in _rows(alias, columns, mentioned)]
    return all(_planned_alike(connection, pair, rows) for pair in pairs)


def _planned_alike(connection: Connection, pair: tuple[Slot, Slot], rows: Sequence[str]) -> bool:
    old, new = pair
    if unplanned(old.text) != unplanned(new.text):
        raise Inconclusive("they differ where a plan does not show it (LIMIT, OVER, VALUES, DISTINCT ON)")
    for _ in range(_TRIES):
        was, now = _plan(connection, old, rows), _plan(connection, new, rows)
        if was == now:
            _require_shown(connection, was, pair)
            return True
        if was == _plan(connection, old, rows):  # else statistics or sizes changed meanwhile
            return False
    raise Inconclusive("the plan changes from one moment to the next")


def _require_shown(connection: Connection, plan: str, pair: tuple[Slot, Slot]) -> None:
    if not plan:
        raise Inconclusive("the server understands neither text here")
    if '"One-Time Filter": "false"' in plan:
        raise Inconclusive("its condition is never true, so that a plan does not show the rest")
    old, new = (compared(slot.text) for slot in pair)
    if "SubPlan" in plan and connection.info.server_version < _SHOWS_TESTS and old != new:
        raise Inconclusive(
            "they differ in what is compared with a subquery, which a plan does not show before PostgreSQL 17"
        )


def _plan(connection: Connection, slot: Slot, rows: Sequence[str]) -> str:
    """Return the plan; "" if the server rejects the text. Raises `Inconclusive` if a privilege is missing.

    In the extended protocol (`binary`), which takes one statement only.
    """
    query = f"EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) {_query(slot, rows)}"
    try:
        with connection.transaction():
            row = connection.execute(query.encode(), binary=True).fetchone()
    except psycopg.Error as error:
        if error.sqlstate == _FORBIDDEN:
            raise Inconclusive(reason(error, connection.info.user)) from None
        if (error.sqlstate or "")[:2] in _OF_THE_QUESTION:
            return ""
        raise
    answer: list[dict[str, object]] = row[0] if row else []  # type: ignore[assignment] # JSON
    return json.dumps([each["Plan"] for each in answer])


def _query(slot: Slot, rows: Sequence[str]) -> str:
    text = "".join(_spelled(slot.text))
    if slot.kind == "expression":
        return f"SELECT ({text})" + (f" FROM {', '.join(rows)}" if rows else "")
    if not rows:
        return text
    return f'SELECT "the query".* FROM {", ".join([*rows, f"LATERAL ({text})"])} AS "the query"'


def _spelled(text: str) -> Iterator[str]:
    """Yield the text with a column's name instead of each `$1`: arguments without a name are called so."""
    at = 0
    for token in tokens(text):
        yield text[at : token.start]
        yield f'"{token.text}"' if token.text.startswith("$") and token.kind == "number" else token.text
        at = token.end


def _rows(alias: str, columns: _Columns, mentioned: Collection[str]) -> Iterator[str]:
    """Yield the FROM items, without rows, that provide the mentioned columns; `*` is all."""
    typed = [
        f"{_quoted(name)} {type_}{f' COLLATE {collation}' if collation else ''}"
        for name, type_, collation in columns
        if name in mentioned or "*" in mentioned
    ]
    if typed:
        yield f"pg_catalog.jsonb_to_recordset('[]'::pg_catalog.jsonb) AS {_quoted(alias)} ({', '.join(typed)})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _columns(connection: Connection, query: str, *parameters: str) -> _Columns:
    return connection.execute(query.encode(), parameters).fetchall()  # type: ignore[return-value] # three texts


def _of_the_table(connection: Connection, identity: str) -> list[tuple[str, _Columns]]:
    schema, table = map(unquoted, names(identity)[:2])
    return [(table, _columns(connection, _RELATION, schema, table))]


def _old_and_new(connection: Connection, identity: str) -> list[tuple[str, _Columns]]:
    columns = _columns(connection, _RELATION, *map(unquoted, names(identity)[:2]))
    return [("old", columns), ("new", columns)]


def _value(connection: Connection, identity: str) -> list[tuple[str, _Columns]]:
    schema, domain = map(unquoted, names(identity)[:2])
    return [(domain, _columns(connection, _DOMAIN, schema, domain))]


def _arguments(connection: Connection, identity: str) -> list[tuple[str, _Columns]]:
    schema, function = map(unquoted, names(identity)[:2])
    spelled = connection.execute(_OVERLOADS.encode(), (schema, function)).fetchall()
    called = next(str(name) for (name,) in spelled if respelled(str(name)) == identity)
    return [(function, _columns(connection, _ARGUMENTS, called))]


_SURROUNDINGS: dict[str, Callable[[Connection, str], list[tuple[str, _Columns]]]] = {
    "columns": _of_the_table,
    "old and new": _old_and_new,
    "value": _value,
    "arguments": _arguments,
    "nothing": lambda *_: [],
}
"""What expressions may refer to (`expressions` in `facets.toml`): for a connection and an identity, aliases with their columns."""
WITH_EXPRESSIONS = facets_where(lambda row: row.expressions)
"""The facets whose descriptions hold expressions or queries."""
