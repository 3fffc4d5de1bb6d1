"""Rows put into the bare tables of a copy: the first rows of tables, and the rows that these refer to.

They are put in before there are indexes, triggers and foreign keys; the source is read by COPY alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import psycopg
from psycopg import sql

from rollproof.model.errors import Inconclusive
from rollproof.server.connection import Connection
from rollproof.server.reader import SnapshotReader

_KEYS = """
SELECT
    format('%I.%I', n.nspname, c.relname),
    format('%I.%I', pn.nspname, p.relname),
    ARRAY(SELECT quote_ident(a.attname) FROM unnest(k.conkey) WITH ORDINALITY AS u (num, place)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.num ORDER BY u.place),
    ARRAY(SELECT quote_ident(a.attname) FROM unnest(k.confkey) WITH ORDINALITY AS u (num, place)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.oid AND a.attnum = u.num ORDER BY u.place),
    ARRAY(SELECT format_type(a.atttypid, a.atttypmod) FROM unnest(k.conkey) WITH ORDINALITY AS u (num, place)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.num ORDER BY u.place),
    ARRAY(SELECT format('OPERATOR(%I.%s)', opn.nspname, o.oprname) FROM unnest(k.conpfeqop) WITH ORDINALITY AS u (op, place)
          JOIN pg_catalog.pg_operator AS o ON o.oid = u.op
          JOIN pg_catalog.pg_namespace AS opn ON opn.oid = o.oprnamespace ORDER BY u.place)
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
ALIKE = "SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'"
"""Settings of a session that writes rows as a view reads them."""
_AT_ONCE = 10_000  # keys that are asked for by one statement


@dataclass(frozen=True)
class Key:
    """A foreign key between two tables with rows of their own; all names are quoted.

    A row of the parent is meant if each of its `keys` equals, by the operator of `equals`, the child's column of this type.
    """

    child: str
    parent: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    types: tuple[str, ...]
    equals: tuple[str, ...]

    def meets(self, others: Sequence[str]) -> str:
        """Return the condition under which a row of the parent, y, is the one that these expressions mean."""
        each = zip(self.keys, self.equals, others, strict=True)
        return " AND ".join(f"y.{key} {equals} {other}" for key, equals, other in each)


@dataclass(frozen=True)
class Looked:
    """What there is: tables with rows of their own, the parts of tables, foreign keys, and the encoding in which rows are read."""

    there: frozenset[str]
    parts: tuple[tuple[str, str], ...]
    keys: tuple[Key, ...]
    encoding: str

    @classmethod
    def at(cls, connection: Connection) -> "Looked":
        """Look at the source."""
        keys = connection.execute(_KEYS.encode()).fetchall()
        return cls(
            frozenset(str(name) for (name,) in connection.execute(_HELD.encode())),
            tuple((str(child), str(parent)) for child, parent in connection.execute(_PARTS.encode())),
            tuple(Key(str(child), str(parent), *map(tuple, lists)) for child, parent, *lists in keys),  # type: ignore[arg-type]
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


@dataclass(frozen=True)
class Most:
    """How many rows are taken: of a table, beside those that others refer to; of all tables, and in bytes, as COPY writes them.

    `rounds` is how often a child's parents, and their parents, are looked for. None: for as long as there are any.
    """

    of_a_table: int
    in_all: int | None = None
    bytes: int | None = None
    rounds: int | None = None


@dataclass
class GatheredRows:
    """Rows read by a `view` and written by the session `loading`, which sees the copy; `missing` asks the copy for keys.

    The copy holds so many rows of tables as `held` says, and all rows of the `whole` ones.
    """

    view: SnapshotReader
    loading: psycopg.Connection
    missing: Callable[[str], Sequence[tuple[str, ...]]]
    most: Most
    held: dict[str, int] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    bytes: int = 0

    def gather(self, tables: Iterable[str], looked: "Looked") -> Iterator[str]:
        """Put the rows in; yield what could not be."""
        self.loading.execute(ALIKE)
        self.loading.execute("SELECT pg_catalog.set_config('client_encoding', %s, false)", [looked.encoding])
        for table in tables:
            if table in looked.there:
                yield from self._taken(table)
        keys = [key for key in looked.keys if key.child in self.held]
        left = self.most.rounds
        while left != 0 and any([self._parents(key) for key in keys]):  # noqa: C419 (each of them, in each round)
            left = None if left is None else left - 1

    @property
    def rows(self) -> int:
        """How many there are in all."""
        return sum(self.held.values())

    def _room(self, most: int | None) -> "_Room":
        left = [
            each
            for each in (most, None if self.most.in_all is None else self.most.in_all - self.rows)
            if each is not None
        ]
        return _Room(min(left, default=None), None if self.most.bytes is None else self.most.bytes - self.bytes)

    def _taken(self, table: str) -> Iterator[str]:
        room = self._room(self.most.of_a_table)
        try:
            self.view.ask(
                partial(_streamed, command=f"COPY {table} TO STDOUT".encode(), to=(self.loading, table), room=room)
            )
        except (psycopg.Error, Inconclusive) as error:
            yield f"the rows of {table}: {str(error).strip().splitlines()[0]}"
            return
        self._add(table, room)
        if not room.is_full:
            self.whole.add(table)

    def _add(self, table: str, room: "_Room") -> None:
        self.held[table] = self.held.get(table, 0) + room.rows
        self.bytes += room.bytes

    def _parents(self, key: "Key") -> bool:
        """Put in the rows that a table's rows refer to; tell whether there were any."""
        if key.parent in self.whole or key.parent not in self.held:
            return False
        with suppress(psycopg.Error, Inconclusive):  # the foreign key cannot be made then, and that is said
            return self._brought(key, self.missing(_missing(key))) > 0
        return False

    def _brought(self, key: "Key", keys: Sequence[tuple[str, ...]]) -> int:
        """Put in the rows with these keys; return how many there were."""
        found = 0
        for start in range(0, len(keys), _AT_ONCE):
            room = self._room(None)
            asked = partial(
                _rows_of, key=key, values=keys[start : start + _AT_ONCE], to=(self.loading, key.parent), room=room
            )
            self.view.ask(asked, reads=[f"ONLY {key.parent}"])
            self._add(key.parent, room)
            found += room.rows
        return found


@dataclass
class _Room:
    """How many rows, and bytes, may be taken; and how many were."""

    most: int | None
    most_bytes: int | None
    rows: int = 0
    bytes: int = 0
    is_full: bool = False

    def take(self, size: int) -> None:
        """Count one more row. Raises `_Full` if there is no room for it."""
        if (self.most is not None and self.rows >= self.most) or (
            self.most_bytes is not None and self.bytes >= self.most_bytes
        ):
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


def _missing(key: Key) -> str:
    """Ask the copy for keys that rows refer to and that it has not, as text; what is equal is not always the same as text."""
    child = ", ".join(f"x.{column}::text" for column in key.columns)
    filled = " AND ".join(f"x.{column} IS NOT NULL" for column in key.columns)
    there = f"SELECT FROM ONLY {key.parent} AS y WHERE {key.meets([f'x.{column}' for column in key.columns])}"
    return f"SELECT DISTINCT {child} FROM ONLY {key.child} AS x WHERE {filled} AND NOT EXISTS ({there})"


def _rows_of(connection: Connection, key: Key, values: Sequence[tuple[str, ...]], to: _To, room: _Room) -> None:
    columns = connection.execute(_STORED, [key.parent]).fetchone()
    literals = sql.SQL(", ").join(sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in values)
    asked = sql.SQL(
        "COPY (SELECT {} FROM ONLY {} AS y WHERE EXISTS (SELECT FROM (VALUES {}) AS u ({}) WHERE {})) TO STDOUT"
    ).format(
        sql.SQL(str(columns and columns[0])),
        sql.SQL(key.parent),
        literals,
        sql.SQL(", ".join(f"k{place}" for place in range(len(key.types)))),
        sql.SQL(key.meets([f"u.k{place}::{kind}" for place, kind in enumerate(key.types)])),
    )
    _streamed(connection, asked.as_bytes(connection), to, room)
