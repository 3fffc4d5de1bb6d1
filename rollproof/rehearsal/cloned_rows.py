"""Rows put into the bare tables of a clone: whole small tables, the first rows of large ones, and the rows that these refer to.

They are put in by a role that can do nothing else, before there are indexes, triggers and foreign keys: code of users that a check
or a generated column calls has no more power than that.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.clone import Clone
from rollproof.rehearsal.servers.server import fresh_name
from rollproof.server.connection import Connection

MOST = 10_000
"""Rows of one table, beside those that others refer to."""
IN_ALL = 200_000
"""Rows of all tables."""
_ROUNDS = 10  # from a child to its parent to the parent of that
_KEYS = """
SELECT
    format('%I.%I', n.nspname, c.relname),
    format('%I.%I', pn.nspname, p.relname),
    ARRAY(SELECT quote_ident(a.attname) FROM unnest(k.conkey) WITH ORDINALITY AS u (num, place)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.num ORDER BY u.place),
    ARRAY(SELECT quote_ident(a.attname) FROM unnest(k.confkey) WITH ORDINALITY AS u (num, place)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.oid AND a.attnum = u.num ORDER BY u.place),
    ARRAY(SELECT format_type(a.atttypid, a.atttypmod) FROM unnest(k.confkey) WITH ORDINALITY AS u (num, place)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.oid AND a.attnum = u.num ORDER BY u.place)
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
WHERE k.contype = 'f' AND c.relkind = 'r' AND p.relkind = 'r'
"""
_HELD = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_STORED = b"""
SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
"""
_ALIKE = "SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'"  # as a view reads


@dataclass(frozen=True)
class _Key:
    """A foreign key between two tables with rows of their own; all names are quoted."""

    child: str
    parent: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    types: tuple[str, ...]


@dataclass
class ClonedRows:
    """The rows of a clone: of the `wanted` tables and of those that they refer to; it has all rows of the `whole` ones."""

    wanted: frozenset[str]
    whole: set[str] = field(default_factory=set)
    _held: dict[str, int] = field(default_factory=dict)

    def fill(self, clone: Clone) -> Iterator[str]:
        """Put the rows in; yield what could not be."""
        keys, there, encoding = clone.view.ask(_looked)
        with _loader(clone) as loading:
            loading.execute("SELECT pg_catalog.set_config('client_encoding', %s, false)", [encoding])
            ahead, seen = sorted(self.wanted & there), set(self.wanted)
            while ahead:
                table = ahead.pop(0)
                yield from self._taken(clone, loading, table)
                ahead += [key.parent for key in keys if key.child == table and key.parent not in seen]
                seen |= {key.parent for key in keys if key.child == table}
            for _ in range(_ROUNDS):
                if not any(self._parents(clone, loading, key) for key in keys if key.child in self._held):
                    break

    def __str__(self) -> str:
        return f"{counted(self._rows, 'row')} of {counted(len(self._held), 'table')}"

    @property
    def _rows(self) -> int:
        return sum(self._held.values())

    def _taken(self, clone: Clone, loading: psycopg.Connection, table: str) -> Iterator[str]:
        most = min(MOST, IN_ALL - self._rows)
        if most <= 0:
            return
        try:
            lines, more = clone.view.ask(partial(_first_rows, table=table, most=most))
            _put(loading, table, lines)
        except (psycopg.Error, Inconclusive) as error:
            yield f"the rows of {table}: {str(error).strip().splitlines()[0]}"
            return
        self._held[table] = len(lines)
        if not more:
            self.whole.add(table)

    def _parents(self, clone: Clone, loading: psycopg.Connection, key: _Key) -> bool:
        """Put in the rows that a table's rows refer to; tell whether there were any."""
        if key.parent in self.whole or key.parent not in self._held or self._rows >= IN_ALL:
            return False
        with psycopg.connect(clone.url) as admin:
            missing = admin.execute(_missing(key).encode()).fetchall()
        if not missing:
            return False
        asked = partial(_rows_of, key=key, values=missing[:MOST])
        try:
            lines = clone.view.ask(asked, reads=[f"ONLY {key.parent}"])
            _put(loading, key.parent, lines)
        except (psycopg.Error, Inconclusive):
            return False  # the foreign key cannot be made then, and that is said
        self._held[key.parent] += len(lines)
        return bool(lines)


def _looked(connection: Connection) -> tuple[list[_Key], frozenset[str], str]:
    rows = connection.execute(_KEYS.encode()).fetchall()
    keys = [_Key(str(child), str(parent), *map(tuple, lists)) for child, parent, *lists in rows]  # type: ignore[arg-type]
    there = frozenset(str(name) for (name,) in connection.execute(_HELD.encode()))
    return keys, there, str(connection.info.parameter_status("client_encoding"))


def _first_rows(connection: Connection, table: str, most: int) -> tuple[list[bytes], bool]:
    """Return at most so many lines of COPY, and whether there are more: nothing is planned, so no code of a user's runs."""
    lines: list[bytes] = []
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT".encode()) as copying:
        for line in copying:
            if len(lines) == most:
                return lines, True
            lines.append(bytes(line))
    return lines, False


def _missing(key: _Key) -> str:
    """Ask the clone for keys that rows refer to and that it has not, as text."""
    child = ", ".join(f"x.{column}::text" for column in key.columns)
    filled = " AND ".join(f"x.{column} IS NOT NULL" for column in key.columns)
    parent = ", ".join(f"{column}::text" for column in key.keys)
    return f"SELECT {child} FROM ONLY {key.child} AS x WHERE {filled} EXCEPT SELECT {parent} FROM ONLY {key.parent}"


def _rows_of(connection: Connection, key: _Key, values: Sequence[tuple[str, ...]]) -> list[bytes]:
    columns = connection.execute(_STORED, [key.parent]).fetchone()
    typed = ", ".join(f"k{place}::{kind}" for place, kind in enumerate(key.types))
    literal = sql.SQL(", ").join(sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in values)
    asked = sql.SQL(
        "COPY (SELECT {} FROM ONLY {} WHERE ({}) IN (SELECT {} FROM (VALUES {}) AS u ({}))) TO STDOUT"
    ).format(
        *(sql.SQL(text) for text in (str(columns and columns[0]), key.parent, ", ".join(key.keys), typed)),
        literal,
        sql.SQL(", ".join(f"k{place}" for place in range(len(key.types)))),
    )
    with connection.cursor() as cursor, cursor.copy(asked.as_bytes(connection)) as copying:
        return [bytes(line) for line in copying]


def _put(loading: psycopg.Connection, table: str, lines: Iterable[bytes]) -> None:
    with loading.transaction(), loading.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copying:
        for line in lines:
            copying.write(line)


@contextmanager
def _loader(clone: Clone) -> Iterator[psycopg.Connection]:
    """Yield a session of a role that may write into every table of the clone, and nothing else; then it is gone."""
    name, word = fresh_name(), secrets.token_hex(16)
    role = sql.Identifier(name)
    with psycopg.connect(clone.url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS PASSWORD {}").format(role, sql.Literal(word)))
        admin.execute(sql.SQL("GRANT pg_write_all_data TO {}").format(role))
        try:
            with psycopg.connect(make_conninfo(clone.url, user=name, password=word), autocommit=True) as loading:
                loading.execute(_ALIKE)
                yield loading
        finally:
            admin.execute(sql.SQL("DROP ROLE {}").format(role))
