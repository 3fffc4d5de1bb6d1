"""Rows put into the bare tables of a clone: whole small tables, the first rows of large ones, and the rows that these refer to.

They are put in by a role that can do nothing else, before there are indexes, triggers and foreign keys: code of users that a check
or a generated column calls has no more power than that.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive
from rollproof.server.connection import Connection
from rollproof.throwaway.clone import Clone
from rollproof.throwaway.servers.server import fresh_name

MOST = 100_000
"""Rows of one table, beside those that others refer to."""
IN_ALL = 300_000
"""Rows of all tables."""
BYTES = 128 * 1024**2
"""Of all tables, as COPY writes them."""
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
WHERE k.contype = 'f' AND c.relkind = 'r'
"""
_HELD = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_PARTS = """
SELECT format('%I.%I', n.nspname, c.relname), format('%I.%I', pn.nspname, p.relname)
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
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


@dataclass(frozen=True)
class _Looked:
    """What there is: tables with rows of their own, the parts of tables, foreign keys, and the encoding in which rows are read."""

    there: frozenset[str]
    parts: tuple[tuple[str, str], ...]
    keys: tuple[_Key, ...]
    encoding: str

    @classmethod
    def at(cls, connection: Connection) -> "_Looked":
        keys = connection.execute(_KEYS.encode()).fetchall()
        return cls(
            frozenset(str(name) for (name,) in connection.execute(_HELD.encode())),
            tuple((str(child), str(parent)) for child, parent in connection.execute(_PARTS.encode())),
            tuple(_Key(str(child), str(parent), *map(tuple, lists)) for child, parent, *lists in keys),  # type: ignore[arg-type]
            str(connection.info.parameter_status("client_encoding")),
        )

    def needed(self, wanted: Iterable[str]) -> Iterator[str]:
        """Yield the wanted tables, their parts, and what these refer to, one after the other."""
        ahead = sorted(wanted)
        seen = set(ahead)
        while ahead:
            table = ahead.pop(0)
            yield table
            more = [child for child, parent in self.parts if parent == table]
            more += [key.parent for key in self.keys if key.child == table]
            ahead += [each for each in dict.fromkeys(more) if each not in seen]
            seen.update(more)


@dataclass
class ClonedRows:
    """The rows of a clone: of the `wanted` tables and of those that they refer to; it has all rows of the `whole` ones."""

    wanted: frozenset[str]
    whole: set[str] = field(default_factory=set)
    _held: dict[str, int] = field(default_factory=dict)
    _bytes: int = 0

    def fill(self, clone: Clone) -> Iterator[str]:
        """Put the rows in; yield what could not be."""
        looked = clone.view.ask(_Looked.at)
        with _loader(clone) as loading:
            loading.execute("SELECT pg_catalog.set_config('client_encoding', %s, false)", [looked.encoding])
            for table in looked.needed(self.wanted):
                if table in looked.there:
                    yield from self._taken(clone, loading, table)
            for _ in range(_ROUNDS):
                if not any(self._parents(clone, loading, key) for key in looked.keys if key.child in self._held):
                    break

    def __str__(self) -> str:
        return f"{counted(self._rows, 'row')} of {counted(len(self._held), 'table')}"

    @property
    def _rows(self) -> int:
        return sum(self._held.values())

    def _taken(self, clone: Clone, loading: psycopg.Connection, table: str) -> Iterator[str]:
        room = _Room(min(MOST, IN_ALL - self._rows), BYTES - self._bytes)
        try:
            clone.view.ask(
                partial(_streamed, command=f"COPY {table} TO STDOUT".encode(), to=(loading, table), room=room)
            )
        except (psycopg.Error, Inconclusive) as error:
            yield f"the rows of {table}: {str(error).strip().splitlines()[0]}"
            return
        self._add(table, room)
        if not room.is_full:
            self.whole.add(table)

    def _add(self, table: str, room: "_Room") -> None:
        self._held[table] = self._held.get(table, 0) + room.rows
        self._bytes += room.bytes

    def _parents(self, clone: Clone, loading: psycopg.Connection, key: _Key) -> bool:
        """Put in the rows that a table's rows refer to; tell whether there were any."""
        if key.parent in self.whole or key.parent not in self._held or self._rows >= IN_ALL:
            return False
        with psycopg.connect(clone.tamed.url_for_scripts(clone.database)) as asking:
            missing = asking.execute(_missing(key).encode()).fetchmany(MOST)
        if not missing:
            return False
        room = _Room(IN_ALL - self._rows, BYTES)
        try:
            clone.view.ask(
                partial(_rows_of, key=key, values=missing, to=(loading, key.parent), room=room),
                reads=[f"ONLY {key.parent}"],
            )
        except (psycopg.Error, Inconclusive):
            return False  # the foreign key cannot be made then, and that is said
        self._add(key.parent, room)
        return room.rows > 0


@dataclass
class _Room:
    """How many rows, and bytes, may be taken; and how many were."""

    most: int
    most_bytes: int
    rows: int = 0
    bytes: int = 0
    is_full: bool = False

    def take(self, size: int) -> None:
        """Count one more row. Raises `_Full` if there is no room for it."""
        if self.rows >= self.most or self.bytes >= self.most_bytes:
            self.is_full = True
            raise _Full
        self.rows += 1
        self.bytes += size


class _Full(Exception):  # noqa: N818 (it is no error)
    """Raised within a COPY, it ends that on the server, too."""


_To = tuple[psycopg.Connection, str]


def _streamed(connection: Connection, command: bytes, to: _To, room: _Room) -> None:
    """Copy as many rows as there is room for; of a COPY of a table nothing is planned, so no code of a user's runs."""
    loading, table = to
    room.rows = room.bytes = 0
    into = f"COPY {table} FROM STDIN".encode()
    with (
        loading.transaction(),
        loading.cursor() as target,
        target.copy(into) as putting,
        suppress(_Full),
        connection.cursor() as source,
        source.copy(command) as rows,
    ):
        for line in rows:
            room.take(len(line))
            putting.write(line)


def _missing(key: _Key) -> str:
    """Ask the clone for keys that rows refer to and that it has not, as text."""
    child = ", ".join(f"x.{column}::text" for column in key.columns)
    filled = " AND ".join(f"x.{column} IS NOT NULL" for column in key.columns)
    parent = ", ".join(f"{column}::text" for column in key.keys)
    return f"SELECT {child} FROM ONLY {key.child} AS x WHERE {filled} EXCEPT SELECT {parent} FROM ONLY {key.parent}"


def _rows_of(connection: Connection, key: _Key, values: Sequence[tuple[str, ...]], to: _To, room: _Room) -> None:
    columns = connection.execute(_STORED, [key.parent]).fetchone()
    typed = ", ".join(f"k{place}::{kind}" for place, kind in enumerate(key.types))
    literals = sql.SQL(", ").join(sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in values)
    asked = sql.SQL(
        "COPY (SELECT {} FROM ONLY {} WHERE ({}) IN (SELECT {} FROM (VALUES {}) AS u ({}))) TO STDOUT"
    ).format(
        *(sql.SQL(text) for text in (str(columns and columns[0]), key.parent, ", ".join(key.keys), typed)),
        literals,
        sql.SQL(", ".join(f"k{place}" for place in range(len(key.types)))),
    )
    _streamed(connection, asked.as_bytes(connection), to, room)


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
