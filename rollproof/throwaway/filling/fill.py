"""Rows made for all tables of a database that have none."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from rollproof.model.bookkeeping import known
from rollproof.model.names import sql_name, unquoted
from rollproof.throwaway.filling.inserting import Group
from rollproof.throwaway.filling.order import together
from rollproof.throwaway.filling.parents import Parents
from rollproof.throwaway.filling.planned import Planned
from rollproof.throwaway.filling.pools import Pools
from rollproof.throwaway.filling.shape import Admin, ForeignKey, Shape, Table
from rollproof.throwaway.filling.trial import Trial, Unfillable, said

SEED = 14
"""Makes the rows the same each time."""
_AT_ONCE = 500  # tables in one statement
_PINNED = {
    "standard_conforming_strings": "on",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "default_transaction_read_only": "off",
    "synchronous_commit": "off",
    "statement_timeout": "10s",
    "row_security": "off",
    "xmloption": "content",
}
_VIEWS = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND c.relispopulated AND n.nspname !~ '^pg_'
ORDER BY c.oid
"""


@dataclass(frozen=True)
class Filled:
    """How many rows were made, by table; which tables have none, with the reason; and which views could not be refreshed.

    Names are as SQL writes them.
    """

    tables: Mapping[str, int]
    not_filled: Mapping[str, str]
    not_refreshed: Mapping[str, str]


def filled(url: str, rows: int, leave: Container[str] = (), seed: int = SEED) -> Filled:
    """Make so many rows, or as many as there can be, in each table without rows; but not in tables and schemas to `leave`.

    With 0 the tables that would be filled are named, and that is all.
    The same database gets the same rows each time. Tables of extensions and of migration tools' own books are left alone. Sequences
    go on behind the rows; materialized views are refreshed. Triggers fire: what they refuse is not put in.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in _PINNED.items():
            connection.execute("SELECT pg_catalog.set_config(%s, %s, false)", [name, value])
        if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
            connection.execute("SET client_encoding = 'LATIN1'")
        shape = Shape.of(connection)
        return _Filling(connection, shape, Pools(shape, Trial(connection), rows, seed), leave).done()


def emptied(url: str, tables: Iterable[str], among: Collection[str]) -> frozenset[str]:
    """Take all rows out of tables, and out of those `among` others that refer to them; return all that were emptied.

    No trigger fires, and no foreign key is asked.
    """
    with psycopg.connect(url) as connection:
        connection.read_only = False  # whatever the database's own setting is
        gone = _referring(Shape.of(connection), frozenset(tables), among)
        with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("SET session_replication_role = replica")
        for table in gone:
            connection.execute(sql.SQL(f"DELETE FROM ONLY {table}"))  # as `Filled` names it
    return gone


def _referring(shape: Shape, tables: frozenset[str], among: Collection[str]) -> frozenset[str]:
    """Return the tables, and those that refer to one of them, or to what it is a part of, and so on."""
    parts = {shape.tables[oid].name for table in shape.tables.values() if table.name in tables for oid in table.within}
    found = {
        table.name
        for table in shape.tables.values()
        for key in table.foreign_keys
        if table.name in among and shape.tables[key.table].name in tables | parts
    }
    return tables if found <= tables else _referring(shape, tables | found, among)


@dataclass
class _Filling:
    connection: Admin
    shape: Shape
    pools: Pools
    leave: Container[str]
    not_filled: dict[str, str] = field(default_factory=dict)
    not_refreshed: dict[str, str] = field(default_factory=dict)

    def done(self) -> Filled:
        empty = {each.oid: each for each in self._empty(self._meant())}
        if not self.pools.rows:
            return Filled({}, {each.name: "" for each in empty.values()}, {})
        for group in together(self._needs(empty)):
            self._fill([empty[oid] for oid in group])
        still = {each.oid for each in self._empty(empty.values())}
        made = {
            each.name: self._count(each) for oid, each in empty.items() if oid not in still and not each.is_partitioned
        }
        if made:
            self._refresh()
        bare = {each.name for each in self.shape.tables.values() if each.oid in still}
        none = {name: why for name, why in self.not_filled.items() if name in bare or name not in made}
        return Filled(made, none, self.not_refreshed)

    def _meant(self) -> list[Table]:
        """Return the tables to be filled if they are without rows; a partition only where its whole table is."""
        own = [each for each in self.shape.tables.values() if not _is_book(each) and not self._is_left(each)]
        roots = {each.oid: each for each in own if each.is_partitioned}
        bare = {each.oid for each in self._empty(roots.values())}
        parted = {oid for each in self.shape.tables.values() for oid in each.within}
        for oid in bare - parted:
            self.not_filled[roots[oid].name] = "it has no partitions"
        return [each for each in own if not each.is_partitioned and self._around(each) <= bare]

    def _is_left(self, table: Table) -> bool:
        return table.name in self.leave or sql_name(table.schema) in self.leave

    def _empty(self, tables: Iterable[Table]) -> list[Table]:
        listed = list(tables)
        found: set[int] = set()
        for begin in range(0, len(listed), _AT_ONCE):
            asked = [
                f"SELECT {each.oid}::bigint WHERE NOT EXISTS (SELECT FROM {each.only})"
                for each in listed[begin : begin + _AT_ONCE]
            ]
            found |= {oid for (oid,) in self.pools.trial.asked(" UNION ALL ".join(asked))}
        return [each for each in listed if each.oid in found]

    def _needs(self, empty: Mapping[int, Table]) -> dict[int, frozenset[int]]:
        """Return for each table those that are to be filled and that it points to, partitions by what they are part of."""
        meant: dict[int, set[int]] = defaultdict(set)
        for oid, table in empty.items():
            for each in (oid, *self._around(table)):
                meant[each].add(oid)
        return {
            oid: frozenset(other for key in table.foreign_keys for other in meant.get(key.table, ()))
            for oid, table in empty.items()
        }

    def _around(self, table: Table) -> set[int]:
        around = set(table.within)
        for oid in table.within:
            around |= self._around(self.shape.tables[oid]) if oid in self.shape.tables else set()
        return around

    def _fill(self, tables: list[Table]) -> None:
        """Fill tables that point to each other, together; each by itself where that cannot be done."""
        why = self._filled(tables, {oid for each in tables for oid in (each.oid, *self._around(each))})
        if why and len(tables) > 1:
            for table in tables:
                self._fill_alone(table)
        elif why:
            self.not_filled[tables[0].name] = why

    def _fill_alone(self, table: Table) -> None:
        if self._empty([table]) and (why := self._filled([table], {table.oid})):
            self.not_filled[table.name] = why

    def _filled(self, tables: list[Table], along: set[int]) -> str:
        """Fill tables, of which foreign keys to those `along` come with the rows; return why not."""
        try:
            group = Group({each.oid: self._planned(each, along) for each in tables}, self.pools.trial)
            group.fill(self.pools.rows)
        except (Unfillable, TimeoutError) as error:
            return str(error)
        except psycopg.Error as error:
            return said(error)
        if all(map(self._count, tables)):
            return ""
        return group.why or "the rows that were put in are not there: a rule or a trigger took them away"

    def _planned(self, table: Table, along: set[int]) -> Planned:
        table, reading = self.pools.strict(table), Parents(self.shape, self.pools.trial)
        parents = {key: reading.of(table, key) for key in table.foreign_keys if key.table not in along}
        return Planned(table, self.pools.of(table, _pointing(table, parents)), parents, self.pools.seed)

    def _count(self, table: Table) -> int:
        return int(self.pools.trial.asked(f"SELECT pg_catalog.count(*) FROM {table.only}")[0][0])

    def _refresh(self) -> None:
        """Refresh materialized views, so that they show what a refresh by the migration would show."""
        for (view,) in self.connection.execute(_VIEWS.encode()).fetchall():
            try:
                self.connection.execute(f"REFRESH MATERIALIZED VIEW {view}".encode(self.pools.trial.codec))
            except psycopg.Error as error:
                self.not_refreshed[view] = said(error)


def _pointing(table: Table, parents: Iterable[ForeignKey]) -> frozenset[str]:
    """Return the columns whose values come from other rows alone."""
    required = {column.name for column in table.columns if column.is_required}
    halved = {name for key in parents for name in key.halved(required)}
    return frozenset(name for key in parents for name in key.columns) - halved


def _is_book(table: Table) -> bool:
    columns = frozenset(unquoted(column.name) for column in table.columns)
    return any(book.is_meant(table.schema, table.bare, columns) for book in known())
