"""Rows planned in memory, of SQL expressions; foreign keys point to rows that are there, or that come along."""

import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from rollproof.throwaway.filling.shape import Column, ForeignKey, Table

Row = dict[str, str]
T = TypeVar("T")
_NULL = "NULL"
_EVERY = 4  # one in so many values is NULL, where it may be


@dataclass(frozen=True)
class Draw:
    """Which row of a table is planned, and how often it was before: the first attempt takes values in their order."""

    number: int
    attempt: int
    chance: random.Random

    def of(self, values: Sequence[T]) -> T:
        """Return one of these values."""
        return self.chance.choice(values) if self.attempt else values[self.number % len(values)]

    def of_nullable(self, values: Sequence[str], place: int) -> str:
        """Return one of these values, or NULL, for a column at this place; the first values come before later ones."""
        if self.is_null(place):
            return _NULL
        return self.chance.choice(values) if self.attempt else values[(self.number - self._nulls(place)) % len(values)]

    def is_null(self, place: int) -> bool:
        """Tell whether the value of a column that may be NULL is; `place` is the column's."""
        if self.attempt:
            return self.chance.randrange(_EVERY if self.attempt % 2 else 2) == 0
        return (self.number + place) % _EVERY == 1

    def _nulls(self, place: int) -> int:
        first = (1 - place) % _EVERY
        return (self.number - first + _EVERY - 1) // _EVERY if self.number > first else 0


@dataclass
class Planned:
    """Plans the rows of a `table` from `pools` of values and from the rows that its foreign keys may point to.

    A foreign key that has no `parents` here points to rows that come along. `taken` are the keys of the rows there are.
    """

    table: Table
    pools: Mapping[str, Sequence[str]]
    parents: Mapping[ForeignKey, Sequence[Sequence[str]]]
    seed: int
    taken: dict[frozenset[str], set[tuple[str, ...]]] = field(default_factory=dict)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The table's columns by their names."""
        return {column.name: column for column in self.table.columns}

    @cached_property
    def later(self) -> tuple[ForeignKey, ...]:
        """The foreign keys that point to rows that come along."""
        return tuple(key for key in self.table.foreign_keys if key not in self.parents)

    @cached_property
    def room(self) -> int:
        """How many rows there can be at most, by keys of one column that always has a value."""
        alone = [next(iter(columns)) for columns, _ in self.table.unique if len(columns) == 1]
        pointing = {name for key in self.table.foreign_keys for name in key.columns}
        free = [name for name in alone if name not in pointing and self.columns[name].is_required]
        return min((len(set(self.pools[name])) for name in free if self.pools.get(name)), default=sys.maxsize)

    def draw(self, number: int, attempt: int) -> Draw:
        """Return how a row is planned: the same each time."""
        seed = f"{self.seed} {self.table.name} {number} {attempt}"
        return Draw(number, attempt, random.Random(seed))  # noqa: S311 (no secret)

    def begun(self, draw: Draw) -> Row | None:
        """Return a row without what points to rows that come along; None if no parents go together."""
        row: Row = {}
        for key in sorted(self.parents, key=lambda key: -len(key.columns)):
            if not self._pointed(key, self.parents[key], row, draw):
                return None
        later = {name for key in self.later for name in key.columns}
        for place, name in enumerate(self.pools):
            if name not in row and name not in later:
                row[name] = self._value(name, draw, place)
        return row

    def finished(self, row: Row, others: Mapping[int, Sequence[Row]], draw: Draw) -> bool:
        """Point a row to rows that come along, by the table they are of, itself the last; tell whether that could be done."""
        for key in self.later:
            rows = others.get(key.table, ())
            if draw.attempt % 2 and rows and self._paired(key, row, rows[-1], draw):
                continue
            whole = [each for each in rows if each.keys() >= set(key.referenced)]
            known = [tuple(each[name] for name in key.referenced) for each in whole]
            fitting = [each for each in known if _NULL not in each]
            if not self._pointed(key, fitting, row, draw) and not (rows and self._paired(key, row, rows[-1], draw)):
                return False
        for place, name in enumerate(self.pools):
            row.setdefault(name, self._value(name, draw, place))
        return True

    def _paired(self, key: ForeignKey, row: Row, target: Row, draw: Draw) -> bool:
        """Point a row to the one that comes along with it, which may have no key as yet; tell whether that could be done."""
        for mine, its in zip(key.columns, key.referenced, strict=True):
            value = target.get(its) or row.get(mine) or self._value(mine, draw, draw.number + 1)
            if row.setdefault(mine, value) != value or target.setdefault(its, value) != value:
                return False
        return True

    def _pointed(self, key: ForeignKey, known: Sequence[Sequence[str]], row: Row, draw: Draw) -> bool:
        """Point a row to one of those that are known, or to none where it may; tell whether that could be done."""
        free = [name for name in key.columns if name not in row]
        nullable = [name for name in free if not self.columns[name].is_required]
        fitting = [each for each in known if _agrees(row, key.columns, each)]
        may_be_null = nullable and (not key.is_full or len(nullable) == len(key.columns))
        if may_be_null and (not fitting or draw.is_null(len(key.columns))):
            row.update(dict.fromkeys(nullable, _NULL))
            return True
        if not fitting:
            return False
        chosen = draw.of(fitting)
        row.update({name: value for name, value in zip(key.columns, chosen, strict=True) if name not in row})
        return True

    def _value(self, name: str, draw: Draw, place: int) -> str:
        column, pool = self.columns[name], self.pools.get(name, ())
        if not pool:
            return _NULL
        if column.counted:
            return pool[draw.number % len(pool)]
        return draw.of(pool) if column.is_required else draw.of_nullable(pool, place)

    def is_new(self, row: Row) -> bool:
        """Tell whether a row's keys are those of no other row."""
        return all(key not in self.taken.get(columns, ()) for columns, key in self._keys(row))

    def take(self, row: Row) -> None:
        """Remember a row's keys."""
        for columns, key in self._keys(row):
            self.taken.setdefault(columns, set()).add(key)

    def _keys(self, row: Row) -> Iterable[tuple[frozenset[str], tuple[str, ...]]]:
        for columns, nulls_are_alike in self.table.unique:
            if columns <= row.keys():
                key = tuple(row[name] for name in sorted(columns))
                if nulls_are_alike or _NULL not in key:
                    yield columns, key


def _agrees(row: Row, columns: Sequence[str], values: Sequence[str]) -> bool:
    return all(row.get(name, value) == value for name, value in zip(columns, values, strict=True))
