"""Values for each column of a table: those that its conditions let through, in the order in which rows take them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rollproof.throwaway.filling.hints import Hints, conditions, of_columns, own_conditions
from rollproof.throwaway.filling.shape import Column, Shape, Table, literal
from rollproof.throwaway.filling.trial import Trial, Unfillable
from rollproof.throwaway.filling.values import Values

_SURE = frozenset(
    {"B", "N", "D", "S", "T", "E", "V", "I"}
)  # categories whose values of ours need no trial, if built in
_BUILT_IN = "pg_catalog."


@dataclass(frozen=True)
class Pools:
    """Makes values for the columns of the tables of a database, for so many rows, the same each time by its `seed`."""

    shape: Shape
    trial: Trial
    rows: int
    seed: int

    def strict(self, table: Table) -> Table:
        """Return the table with each column required that its checks, or its type, let not be NULL."""
        names = [column.name for column in table.columns]
        columns = []
        for column in table.columns:
            own = own_conditions(table.checks, names, column.name) if table.checks and not column.is_required else []
            asked = own or self.shape.types[column.type].kind == "d"
            no_null = asked and not column.is_generated and not self.trial.takes_null(column, own)
            columns.append(replace(column, is_required=True) if no_null else column)
        return replace(table, columns=tuple(columns))

    def of(self, table: Table, without: frozenset[str]) -> Mapping[str, list[str]]:
        """Return expressions for each column but those `without`. Raises `Unfillable` if none is left for one that needs one."""
        names = [column.name for column in table.columns]
        known = [(each, of_columns(each, names)) for check in table.checks for each in conditions(check)]
        return {
            column.name: self._pool(table, column, known)
            for column in table.columns
            if not column.is_generated and column.name not in without
        }

    def _pool(self, table: Table, column: Column, known: list[tuple[str, frozenset[str]]]) -> list[str]:
        if column.counted:
            return self._counted(column)
        own = [text for text, columns in known if columns == {column.name}]
        beside = {column.name}.union(*(columns for _, columns in known if column.name in columns))
        hints = Hints.of([text for text, columns in known if columns & beside])
        chance = random.Random(f"{self.seed} {table.name} {column.name}")  # noqa: S311 (no secret)
        made = Values(self.shape.types, chance, self.rows).of(column.type, column.typmod, column.name, hints)
        made = self.trial.encodable(_with_default(column, made))
        found = made if not own and self._is_sure(column, hints) else self._tried(column, made, own)
        if not found and (column.is_required or not made):
            why = f"no value was found that obeys {' AND '.join(own)}" if own else self.trial.why
            if column.is_required:
                raise Unfillable(f"{column.name} must have a value: {why or f'nothing is known of {column.written}'}")
        return found

    def _tried(self, column: Column, made: list[str], own: list[str]) -> list[str]:
        kind = self.shape.types[column.type]
        if not kind.name.startswith(_BUILT_IN) and column.typmod >= 0:
            made = [f"CAST({each} AS {column.written})" for each in made]
        return self.trial.passed(column.name, made, own)

    def _is_sure(self, column: Column, hints: Hints) -> bool:
        kind = self.shape.types[column.type]
        return kind.kind == "e" or (
            kind.name.startswith(_BUILT_IN) and kind.category in _SURE and kind.kind == "b" and hints == Hints()
        )

    def _counted(self, column: Column) -> list[str]:
        query = f"SELECT CAST({column.counted} AS pg_catalog.text) FROM pg_catalog.generate_series(1, {self.rows})"
        return [f"CAST({literal(str(value))} AS {column.written})" for (value,) in self.trial.asked(query)]


def _with_default(column: Column, made: list[str]) -> list[str]:
    """Put a default that is a constant first: it is what such a column holds."""
    constant = column.default and column.default.startswith("'") and "(" not in column.default
    return [column.default, *made] if constant and column.default else made
