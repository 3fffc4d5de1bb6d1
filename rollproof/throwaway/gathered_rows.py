"""Rows put into the bare tables of a copy: the first rows of tables, and the rows that these refer to.

They are put in before there are indexes, triggers and foreign keys; the source is read by COPY alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.server.connection import Connection
from rollproof.server.reader import SnapshotReader
from rollproof.server.transactions import A_FEW_BY_KEY
from rollproof.throwaway.followed_keys import Key, Looked

_STORED = b"""
SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
"""
ALIKE = "SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'"
"""Settings of a session that writes rows as a view reads them."""
_Row = tuple[str, ...]
_AT_ONCE = 10_000  # keys that are asked for by one statement


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
    missing: Callable[[str], Sequence[_Row]]
    most: Most
    held: dict[str, int] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    bytes: int = 0

    def gather(self, tables: Iterable[str], looked: Looked) -> Iterator[str]:
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
            self.view.ask(partial(_streamed, command=f"COPY {table} TO STDOUT", to=(self.loading, table), room=room))
        except (psycopg.Error, Inconclusive) as error:
            yield f"the rows of {table}: {str(error).strip().splitlines()[0]}"
            return
        self._add(table, room)
        if not room.is_full:
            self.whole.add(table)

    def _add(self, table: str, room: "_Room") -> None:
        self.held[table] = self.held.get(table, 0) + room.rows
        self.bytes += room.bytes

    def _parents(self, key: Key) -> bool:
        """Put in the rows that a table's rows refer to; tell whether there were any."""
        if not any(leaf in self.held and leaf not in self.whole for leaf in key.leaves):
            return False
        before = self.rows
        with suppress(psycopg.Error, Inconclusive):  # the foreign key cannot be made then, and that is said
            for values in _listed(self._further(key, self.missing(key.missing))):
                for leaf in key.leaves:
                    self._brought(key, leaf, values)
        return self.rows > before

    def _further(self, key: Key, values: Sequence[_Row]) -> Sequence[_Row]:
        """Add what the rows with these keys refer to in turn, where that is the same table: a chain is followed at once."""
        if not key.is_of_itself:
            return values
        found: list[_Row] = []
        for listed in _listed(values):
            above = self.view.ask(partial(_texts, query=key.above(listed)), reads=[f"ONLY {key.parent}"])
            found += [row for some in _listed(above) for row in self.missing(key.lacking(some))]
        return list(dict.fromkeys(found))

    def _brought(self, key: Key, leaf: str, values: str) -> None:
        """Put in the rows of a leaf that have these keys."""
        room = self._room(None)
        query = partial(key.rows, leaf, values)
        asked = partial(_selected, query=query, to=(self.loading, leaf), room=room)
        self.view.ask(asked, reads=[f"ONLY {leaf}"])
        self._add(leaf, room)


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


def sent(connection: psycopg.Connection[Any], query: str) -> bytes:
    """Return a query as the session sends it: a database without an encoding has names and values that are no UTF-8."""
    return query.encode(connection.info.encoding)


def _streamed(connection: Connection, command: str, to: _To, room: _Room) -> None:
    """Copy as many rows as there is room for; of a COPY of a table nothing is planned, so no code of a user's runs."""
    loading, table = to
    room.rows = room.bytes = 0
    into = sent(loading, f"COPY {table} FROM STDIN")
    with (
        loading.transaction(),
        loading.cursor() as target,
        target.copy(into) as putting,
        suppress(_Full),
        connection.cursor() as source,
        source.copy(sent(connection, command)) as rows,
    ):
        for line in rows:
            room.take(len(line))
            putting.write(line)


def _selected(connection: Connection, query: Callable[[str], str], to: _To, room: _Room) -> None:
    """Copy what a query returns that is made of the columns that a table stores."""
    columns = connection.execute(_STORED, [to[1]]).fetchone()
    connection.execute(A_FEW_BY_KEY)
    _streamed(connection, f"COPY ({query(str(columns and columns[0]))}) TO STDOUT", to, room)


def _texts(connection: Connection, query: str) -> list[_Row]:
    connection.execute(A_FEW_BY_KEY)
    return [tuple(map(str, row)) for row in connection.execute(query.encode()).fetchall()]


def _listed(rows: Sequence[_Row]) -> Iterator[str]:
    """Yield rows as VALUES lists them, not too many at once."""
    for start in range(0, len(rows), _AT_ONCE):
        yield ", ".join(f"({', '.join(_literal(text) for text in row)})" for row in rows[start : start + _AT_ONCE])


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"  # standard_conforming_strings are on
