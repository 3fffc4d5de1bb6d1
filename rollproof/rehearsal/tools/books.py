"""Which migrations are applied, by the tables in which their tool keeps its books."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rollproof.model.bookkeeping import BookkeepingTable, known
from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.tools.row import Books

if TYPE_CHECKING:
    import psycopg

_COLUMNS = """
SELECT n.nspname::text, pg_catalog.array_agg(a.attname::text)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relname = %s AND c.relkind = 'r' AND n.nspname !~ '^pg_'
GROUP BY 1 ORDER BY 1"""
_NUMBER = re.compile(r"\d[\d-]*")


def version(revision: str) -> str:
    """Return the number with which a revision's name begins, as tools write it into their tables; the name if there is none."""
    begins = _NUMBER.match(revision)
    return str(int(begins[0].replace("-", ""))) if begins else revision


def applied(books: Iterable[Books], url: str, revisions: Sequence[str]) -> frozenset[str]:
    """Return which of these revisions, first to last, are applied in the database at this address.

    Raises `Inconclusive` if a tool's table names one that is not among them.
    """
    import psycopg  # noqa: PLC0415 (what only recognises tools does without)

    by_version = {version(each): each for each in revisions}
    found: set[str] = set()
    with psycopg.connect(url, autocommit=True) as connection:
        for book in books:
            for told in _told(book, connection):
                if (one := by_version.get(version(told))) is None:
                    raise Inconclusive(f"{book.tool} has applied {told} in the source, and no file is of that version")
                found |= {*revisions[: revisions.index(one) + 1]} if book.is_last else {one}
    return frozenset(found)


def _told(book: Books, connection: "psycopg.Connection") -> Iterator[str]:
    for table in known():
        if table.tool == book.tool:
            for schema in _schemas(table, connection):
                yield from _rows(book, schema, table.name, connection)


def _schemas(table: BookkeepingTable, connection: "psycopg.Connection") -> Iterator[str]:
    for schema, columns in connection.execute(_COLUMNS, (table.name,)).fetchall():
        if table.is_meant(schema, table.name, frozenset(columns)):
            yield schema


def _rows(book: Books, schema: str, table: str, connection: "psycopg.Connection") -> list[str]:
    from psycopg.sql import SQL, Identifier  # noqa: PLC0415 (what only recognises tools does without)

    ask = SQL("SELECT {}::text FROM {} WHERE {}").format(
        Identifier(book.column), Identifier(schema, table), Identifier(book.only) if book.only else SQL("true")
    )
    return [text for (text,) in connection.execute(ask).fetchall() if text != "0"]
