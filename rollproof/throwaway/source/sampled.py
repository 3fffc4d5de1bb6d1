"""Some rows of a database, or none: the first of each table, and all that these refer to, so that every foreign key holds."""

from collections.abc import Iterator
from functools import partial

import psycopg
from psycopg import sql

from rollproof.server.connection import Connection
from rollproof.server.planning_guard import NotRead
from rollproof.server.reader import SnapshotReader
from rollproof.server.transactions import one
from rollproof.throwaway.followed_keys import Looked
from rollproof.throwaway.gathered_rows import GatheredRows, Most, sent
from rollproof.throwaway.source.amounts import Amounts

_SEQUENCES = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't' AND n.nspname !~ '^pg_'
    AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT') ELSE false END
ORDER BY 1
"""
_VIEWS = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND c.relispopulated
ORDER BY c.oid
"""
_AT_ONCE = 200  # sequences that are read by one query


def sampled(view: SnapshotReader, loading: psycopg.Connection, amounts: Amounts, rows: int | None) -> list[str]:
    """Put so many rows of each table into a copy that has bare tables, and what they refer to; no rows without a number.

    Its sequences go on where those of the source do. Returns what is left out.
    """
    gathered = GatheredRows(
        view, loading, lambda query: loading.execute(sent(loading, query)).fetchall(), Most(rows or 0)
    )
    failed: list[str] = []
    if rows:
        looked = view.ask(Looked.at)
        failed = list(gathered.gather(sorted(looked.there), looked))
    for name, last, is_called in view.ask(_positions):
        loading.execute("SELECT pg_catalog.setval(%s::regclass, %s, %s)", [name, last, is_called])

    return failed + amounts.missing(gathered.held, gathered.whole, partial(_count, view))


def _count(view: SnapshotReader, table: str) -> int:
    """Return how many rows a table has; less than 0 if it cannot be asked without running code of its owner's."""
    try:
        return view.ask(
            lambda asked: int(str(one(asked, f"SELECT count(*) FROM ONLY {table}"))), reads=[f"ONLY {table}"]
        )
    except NotRead:
        return -1


def _positions(connection: Connection) -> list[tuple[str, int, bool]]:
    names = [str(name) for (name,) in connection.execute(_SEQUENCES.encode())]
    found: list[tuple[str, int, bool]] = []
    for start in range(0, len(names), _AT_ONCE):
        each = (f"SELECT {_text(name)}, last_value, is_called FROM {name}" for name in names[start : start + _AT_ONCE])
        rows = connection.execute(" UNION ALL ".join(each).encode()).fetchall()
        found += [(str(name), int(str(last)), bool(is_called)) for name, last, is_called in rows]
    return found


def _text(name: str) -> str:
    return sql.Literal(name).as_string(None) + "::text"


def filled_views(view: SnapshotReader, admin: psycopg.Connection) -> Iterator[str]:
    """Fill the views that are filled at the source, each after those that it reads; yield what could not be."""
    left = view.ask(lambda asked: [str(name) for (name,) in asked.execute(_VIEWS.encode())])
    while left:
        refused = {name: why for name in left if (why := _refused(admin, name))}
        if len(refused) == len(left):
            yield from (f"the rows of the view {name}: {why}" for name, why in refused.items())
            return
        left = list(refused)


def _refused(admin: psycopg.Connection, name: str) -> str:
    try:
        admin.execute(sent(admin, f"REFRESH MATERIALIZED VIEW {name}"))
    except psycopg.Error as error:
        return str(error.diag.message_primary or error)
    return ""
