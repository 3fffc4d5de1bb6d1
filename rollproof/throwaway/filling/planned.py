"""Rows planned in memory, of SQL expressions; foreign keys point to rows that are there, or that come along."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rollproof.throwaway.filling.shape import ForeignKey, Table

Row = dict[str, str]
_NULL = "NULL"
_EVERY = 4  # one in so many values is NULL, where it may be


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

    def begun(self, number: int, attempt: int) -> Row | None:
        """Return a row without what points to rows that come along; None if no parents go together."""
        row: Row = {}
        for key in sorted(self.parents, key=lambda key: -len(key.columns)):
            if not self._pointed(key, self.parents[key], row, number, attempt):
                return None
        later = {name for key in self.table.foreign_keys if key not in self.parents for name in key.columns}
        for place, (name, pool) in enumerate(self.pools.items()):
            if name not in row and name not in later:
                row[name] = self._value(name, pool, number, attempt, place)
        return row

    def finished(self, row: Row, others: Mapping[int, Sequence[Row]], number: int, attempt: int) -> bool:
        """Point a row to rows that come along, by the table they are of, itself the last; tell whether that could be done."""
        for key in self.table.foreign_keys:
            if key in self.parents:
                continue
            rows = others.get(key.table, ())
            if attempt % 2 and rows and self._unified(key, row, rows[-1], number, attempt):
                continue
            known = [
                tuple(each[name] for name in key.referenced) for each in rows if each.keys() >= set(key.referenced)
            ]
            fitting = [each for each in known if _NULL not in each]
            if not self._pointed(key, fitting, row, number, attempt) and not (
                rows and self._unified(key, row, rows[-1], number, attempt)
            ):
                return False
        return True

    def _unified(self, key: ForeignKey, row: Row, target: Row, number: int, attempt: int) -> bool:
        """Point a row to the one that comes along with it, which may have no key as yet; tell whether that could be done."""
        for mine, its in zip(key.columns, key.referenced, strict=True):
            value = target.get(its) or row.get(mine)
            value = value or self._value(mine, self.pools.get(mine, ()), number, attempt, number + 1)
            if row.setdefault(mine, value) != value or target.setdefault(its, value) != value:
                return False
        return True

    def _pointed(self, key: ForeignKey, known: Sequence[Sequence[str]], row: Row, number: int, attempt: int) -> bool:
        free = [name for name in key.columns if name not in row]
        can_be_null = [name for name in free if not self.table.column(name).is_required]
        fitting = [
            each
            for each in known
            if all(row.get(name, value) == value for name, value in zip(key.columns, each, strict=True))
        ]
        wants_null = self._chance(str(key.columns), number, attempt).randrange(_EVERY) == 0
        if can_be_null and (not fitting or wants_null):
            row.update(dict.fromkeys(can_be_null if len(can_be_null) == len(free) else can_be_null[:1], _NULL))
            if len(can_be_null) == len(free):
                return True
        elif not fitting:
            return False
        chosen = (
            fitting[number % len(fitting)]
            if not attempt
            else self._chance(key.columns[0], number, attempt).choice(fitting)
        )
        row.update({name: value for name, value in zip(key.columns, chosen, strict=True) if name not in row})
        return True

    def _value(self, name: str, pool: Sequence[str], number: int, attempt: int, place: int) -> str:
        column = self.table.column(name)
        if not pool:
            return _NULL
        if column.counted:
            return pool[number % len(pool)]
        if not attempt:
            is_null = not column.is_required and (number + place) % _EVERY == 1
            return _NULL if is_null else pool[number % len(pool)]
        chance = self._chance(name, number, attempt)
        is_null = not column.is_required and chance.randrange(_EVERY if attempt % 2 else 2) == 0
        return _NULL if is_null else chance.choice(pool)

    def _chance(self, name: str, number: int, attempt: int) -> random.Random:
        return random.Random(f"{self.seed} {self.table.name} {name} {number} {attempt}")  # noqa: S311 (no secret)

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
