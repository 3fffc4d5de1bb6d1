"""Faults of rows: rows that are lost, doubled or left behind, and values that are others, of every type that is stored.

Which there can be depends on the rows, so each is tried, in a transaction that is taken back, and listed if it changes something. A
sequence may move where that makes a row, so the database that is judged should be brought back, or be another one.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice

import psycopg

from rollproof.model.names import respelled
from rollproof.rehearsal.faults.fault import Fault, in_bytes
from rollproof.rehearsal.faults.row_changes import (
    RowChange,
    beside,
    filled,
    of_constants,
    of_rows,
    of_value,
    some_null,
    value_of,
)
from rollproof.rehearsal.faults.stored_tables import StoredColumn, StoredTable, stored_tables
from rollproof.rehearsal.faults.values import ValueTypes

MOST = 30
"""Faults of one table; more only for a type, and for a way to change it, that no table before had."""
_TRIED = 24  # statements for one change
_LONG_ENOUGH = 20  # columns in which a change is tried that was never possible
_QUIET = """SET TRANSACTION READ WRITE; SET LOCAL search_path = ''; SET LOCAL session_replication_role = replica;
    SET LOCAL row_security = on; SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '5s'"""
NULL = "NULL"
_WROTE = ("INSERT", "UPDATE", "DELETE")


def row_faults(connection: psycopg.Connection) -> Iterator[Fault]:
    """Yield the faults that the rows of a database can have, table by table; a superuser's session, outside of a transaction."""
    with connection.transaction(force_rollback=True):
        connection.execute(_QUIET)
        types = ValueTypes.of(connection)
        tables = tuple(stored_tables(connection))
    known = _Known(types)
    for table in tables:
        with connection.transaction(force_rollback=True):
            connection.execute(_QUIET)
            found = tuple(_Tried(connection, known, table).faults())
        yield from found
    for table in known.empty:
        with connection.transaction(force_rollback=True):
            connection.execute(_QUIET)
            found = tuple(_Tried(connection, known, table).of_constants())
        yield from found


@dataclass
class _Known:
    """What is known of the tables so far: how often a type, or a way to change a value, was `tried`; `_LONG_ENOUGH` if one had it.

    By types as they are declared, `constants` are expressions for a value, `lent` are tables that have one, with that. `empty` are
    tables without rows.
    """

    types: ValueTypes
    tried: Counter[object] = field(default_factory=Counter)
    constants: dict[str, str] = field(default_factory=dict)
    lent: dict[str, tuple[str, str]] = field(default_factory=dict)
    empty: list[StoredTable] = field(default_factory=list)


@dataclass
class _Tried:
    """What can be changed in the rows of one table."""

    connection: psycopg.Connection
    known: _Known
    table: StoredTable
    made: int = 0
    done: dict[str, bool] = field(default_factory=dict)

    def faults(self) -> Iterator[Fault]:
        """Yield what can be: of whole rows first, then a change in each column, then the ways to change one."""
        if not self._asked(f"SELECT EXISTS (SELECT FROM ONLY {self.table.name})"):
            self.known.empty.append(self.table)
            return
        if not self._taken_back(f"DELETE FROM ONLY {self.table.name}"):
            self.table = replace(self.table, interferes=True)
        found = {column.name: self._another(column) for column in self.table.writable}
        others = {name: value for name, value in found.items() if value}
        for change in of_rows(self.table, others):
            yield from self._kept(change)
        columns = [each for each in self.table.writable if each.name in others]
        self.known.lent |= {
            each.declared: (self.table.name, value_of(self.table, each)) for each in columns if each.is_not_null
        }
        for column in columns:
            yield from self._wanted(column.type, of_value(self.table, column, "another value", [others[column.name]]))
        for change in self._nulls():
            yield from self._wanted(change.name, change)
        for column in columns:
            for way in self.known.types.changes(column.type, column.value):
                yield from self._wanted(way.name, of_value(self.table, column, way.name, way.values))

    def _nulls(self) -> Iterator[RowChange]:
        nullable = [each for each in self.table.writable if not each.is_not_null]
        some = self._asked(some_null(self.table, nullable)) if nullable else None
        for column, is_null in zip(nullable, some if isinstance(some, list) else [False] * len(nullable), strict=True):
            yield of_value(self.table, column, "NULL instead of a value", [NULL])
            if is_null:
                values = chain([beside(self.table, column)], self._possible(column))
                yield of_value(self.table, column, "a value instead of NULL", (filled(column, each) for each in values))

    def _another(self, column: StoredColumn) -> str:
        """Return an expression that makes another value in some row; "" if none is known that does."""
        values = chain(self.known.types.any_change(column.type, column.value), [beside(self.table, column)])
        return next((each for each in values if self._does(of_value(self.table, column, "", [each]))), "")

    def _possible(self, column: StoredColumn) -> Iterator[str]:
        return self.known.types.any_change(column.type, f"NULL::{self.known.types.known[column.type].name}")

    def of_constants(self) -> Iterator[Fault]:
        """Yield a row in a table that has none, of values that many types take, or that a column of another table has."""
        values = {each.name: self._constant(each) for each in self.table.writable}
        lent = [
            each.declared
            for each in self.table.writable
            if values[each.name] == NULL and each.declared in self.known.lent
        ]
        values |= {
            each.name: self.known.lent[each.declared][1] for each in self.table.writable if each.declared in lent
        }
        yield from self._kept(of_constants(self.table, values, [self.known.lent[each][0] for each in lent]))

    def _constant(self, column: StoredColumn) -> str:
        if column.declared not in self.known.constants:
            cast = (f"CAST({each} AS {column.declared})" for each in self._possible(column))
            found = (each for each in cast if self._asked(f"SELECT pg_catalog.num_nulls({each}) = 0"))
            self.known.constants[column.declared] = next(found, NULL)
        return self.known.constants[column.declared]

    def _wanted(self, thing: object, change: RowChange) -> Iterator[Fault]:
        if self.made < MOST or self.known.tried[thing] < _LONG_ENOUGH:
            self.known.tried[thing] += 1
            for fault in self._kept(change):
                self.known.tried[thing] = _LONG_ENOUGH
                yield fault

    def _kept(self, change: RowChange) -> Iterator[Fault]:
        if statement := self._does(change):
            self.made += 1
            yield Fault(
                kind="rows",
                name=change.name,
                part=change.part,
                facet=change.facet,
                identity=respelled(self.table.name),
                statement=statement,
                touches=frozenset({self.table.name, *change.also}),
            )

    def _does(self, change: RowChange) -> str:
        """Return the first statement that changes a row; "" if none does."""
        return next((each for each in islice(change.statements, _TRIED) if self._changes(each)), "")

    def _changes(self, statement: str) -> bool:
        if statement not in self.done:
            wrote = [rows for command, rows, _ in self._taken_back(statement) if command.startswith(_WROTE)]
            self.done[statement] = bool(wrote) and all(wrote)
        return self.done[statement]

    def _asked(self, question: str) -> object:
        """Return the answer to a question; None if it cannot be asked."""
        answers = (answer for command, _, answer in self._taken_back(question) if command.startswith("SELECT"))
        return next(answers, None)

    def _taken_back(self, statements: str) -> list[tuple[str, int, object]]:
        """Return for each statement its command, how many rows that was, and the first value; nothing if they cannot be run."""
        try:
            cursor = self.connection.execute(
                in_bytes(f"SAVEPOINT tried; {statements}; ROLLBACK TO tried", self.connection)
            )
        except psycopg.Error:
            self.connection.execute("ROLLBACK TO tried")
            return []
        results = []
        for _ in iter(cursor.nextset, None):
            row = cursor.fetchone() if cursor.description else None
            results.append((cursor.statusmessage or "", cursor.rowcount, row and row[0]))
        return results
