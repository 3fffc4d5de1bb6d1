"""The plan, made from the catalogue: the keys of the tables, and every column that a foreign key ties to one of them.

A foreign key's two ends have one type, so the search goes both ways, and from table to table. It works before the migration
and after it: what a key is does not depend on whether it is varchar(36) or uuid by now.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .database import Database
from .plan import MIGRATED_TYPE, ORIGINAL_TYPE, SCHEMA, Asked, Column, Plan, Reference, Table

HERE = Path(__file__).parent
COLUMNS, TIES = ((HERE / f"{question}.sql").read_text("utf-8") for question in ("columns", "ties"))


class Tie(NamedTuple):
    """A foreign key; where one of its tables is none of ours, that table has its qualified name."""

    name: str
    from_ours: bool
    child: str
    columns: list[str]
    to_ours: bool
    parent: str
    parent_columns: list[str]

    def pairs(self) -> Iterator[tuple[Column, Column]]:
        """The columns that it ties together."""
        for column, parent_column in zip(self.columns, self.parent_columns, strict=True):
            yield Column(self.child, column), Column(self.parent, parent_column)


class Catalogue(NamedTuple):
    """What was found."""

    types: dict[Column, str]
    keys: dict[str, tuple[str, ...]]  # primary keys
    ties: list[Tie]

    def of(self, table: str) -> list[Column]:
        """The columns of a table, those of the primary key first."""
        return [column for column in self.types if column.table == table]


def planned(database: Database, asked: Asked, schema: str = SCHEMA) -> Plan:
    """Return what would be migrated, with what is in the way of it; works on whatever is there."""
    found = _catalogue(database, asked, schema)
    reached = _reached(found, asked)
    tables = {
        table: Table(found.keys.get(table, ()), tuple(c.name for c in found.of(table) if c in reached - {*asked.keep}))
        for table in asked.tables
    }
    return Plan(
        tables, _references(found, asked), asked, _loose(found, asked, reached), (*_problems(found, asked, reached),)
    )


def _catalogue(database: Database, asked: Asked, schema: str) -> Catalogue:
    tables = list(asked.tables)
    columns = database.rows(COLUMNS, schema, tables)
    keys: dict[str, tuple[str, ...]] = {}
    for table, column, _, place in columns:
        if place:
            keys[table] = (*keys.get(table, ()), column)
    types = {Column(table, column): kind for table, column, kind, _ in columns}
    return Catalogue(types, keys, [Tie(*row) for row in database.rows(TIES, schema, tables)])


def _reached(found: Catalogue, asked: Asked) -> set[Column]:
    """Return the keys and what is tied to them, however long the chain; it ends at columns that stay, and at others' tables."""
    pairs = [*(pair for tie in found.ties for pair in tie.pairs()), *asked.references]
    both_ways = [*pairs, *((parent, child) for child, parent in pairs)]
    reached: set[Column] = set()
    to_do = {*_start(found, asked), *(column for pair in asked.references for column in pair)}
    while to_do:
        column = to_do.pop()
        reached.add(column)
        if column in found.types and column not in asked.keep:
            to_do |= {other for one, other in both_ways if one == column} - reached
    return reached


def _start(found: Catalogue, asked: Asked) -> Iterator[Column]:
    """The keys: the uuids among the primary key's columns, or all of it if none could be one; `id` where it was lost."""
    for table in asked.tables:
        key = [Column(table, name) for name in found.keys.get(table, ("id",))]
        there = [column for column in key if column in found.types and column not in asked.keep]
        yield from _keylike(found, there) or there


def _keylike(found: Catalogue, columns: Iterable[Column]) -> list[Column]:
    return [column for column in columns if found.types[column] in (ORIGINAL_TYPE, MIGRATED_TYPE)]


def _references(found: Catalogue, asked: Asked) -> tuple[Reference, ...]:
    of_ours = [
        Reference(tie.child, tuple(tie.columns), tie.parent, tuple(tie.parent_columns))
        for tie in found.ties
        if tie.from_ours and tie.to_ours
    ]
    said = [Reference(child.table, (child.name,), parent.table, (parent.name,)) for child, parent in asked.references]
    return tuple(dict.fromkeys([*of_ours, *said]))  # a foreign key may be there twice


def _loose(found: Catalogue, asked: Asked, reached: set[Column]) -> tuple[Column, ...]:
    told = {child for tie in found.ties for child, _ in tie.pairs()} | reached | {*asked.keep}
    return tuple(column for column in _keylike(found, found.types) if column not in told)


def _problems(found: Catalogue, asked: Asked, reached: set[Column]) -> Iterator[str]:
    there = {column.table for column in found.types}
    for table in asked.tables:
        if table not in there:
            yield f"{SCHEMA}.{table} does not exist"
        elif table not in found.keys:
            yield f"{table} has no primary key: without one its rows cannot be told apart"
        elif not reached & {*found.of(table)} - {*asked.keep}:
            yield f"{table} has no column to migrate"
    for column in (*asked.keep, *(column for pair in asked.references for column in pair)):
        if column.table in there and column not in found.types:
            yield f"the plan file names {column}, and there is no such column"
    for column in [*_others(found, (ORIGINAL_TYPE, MIGRATED_TYPE), reached - {*asked.keep})]:
        yield f"{column} is {found.types[column]}, and a key that migrates is {ORIGINAL_TYPE}: change its type first"
    for tie in found.ties:
        yield from _torn(tie, found, asked, reached)


def _others(found: Catalogue, kinds: tuple[str, ...], columns: set[Column]) -> list[Column]:
    return [column for column in found.types if column in columns and found.types[column] not in kinds]


def _torn(tie: Tie, found: Catalogue, asked: Asked, reached: set[Column]) -> Iterator[str]:
    """Say what would have two types: one end migrates, the other does not."""
    for pair in tie.pairs():
        stays = [column for column in pair if column in asked.keep or column not in found.types]
        if len(stays) != 1 or not {*pair} <= reached:
            continue
        goes = pair[pair[0] in stays]
        way_out = "do not keep it" if stays[0] in asked.keep else _join(stays[0].table)
        yield (
            f"constraint {tie.name} on table {SCHEMA + '.' if tie.from_ours else ''}{tie.child} ties {stays[0]}, which"
            f" stays, to {goes}, which becomes uuid: {way_out}, or drop the constraint"
        )


def _join(table: str) -> str:
    schema, _, name = table.partition(".")
    name = name.strip('"').replace('""', '"')  # as a plan file spells it
    return (
        f"add {name} to tables in a plan file (--plan)" if schema == SCHEMA else f"only tables of {SCHEMA} can migrate"
    )
