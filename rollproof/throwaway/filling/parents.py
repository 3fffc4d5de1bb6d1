"""Rows that are there already, for foreign keys to point to."""

from dataclasses import dataclass

from rollproof.throwaway.filling.hints import own_conditions
from rollproof.throwaway.filling.shape import ForeignKey, Shape, Table, literal
from rollproof.throwaway.filling.trial import Trial, Unfillable

_MOST = 200


@dataclass(frozen=True)
class Parents:
    """Reads keys of the tables of a database."""

    shape: Shape
    trial: Trial

    def of(self, table: Table, key: ForeignKey) -> list[tuple[str, ...]]:
        """Return values, as SQL expressions, of the rows that a foreign key of the table may point to, and that its checks allow.

        Raises `Unfillable` if there are none, and the table's rows must point to one.
        """
        found = self._there(key)
        for place, name in enumerate(key.columns):
            conditions = own_conditions(table.checks, [column.name for column in table.columns], name)
            written = next(column.written for column in table.columns if column.name == name)
            if conditions and found:
                typed = {f"CAST({values[place]} AS {written})": values[place] for values in found}
                allowed = {typed[each] for each in self.trial.passed(name, list(typed), conditions)}
                found = [values for values in found if values[place] in allowed]
        required = {column.name for column in table.columns if column.is_required}
        if not found and required.issuperset(key.columns):
            raise Unfillable(f"its rows must refer to rows of {self.shape.tables[key.table].name}, and none fits")
        return found

    def _there(self, key: ForeignKey) -> list[tuple[str, ...]]:
        names = ", ".join(f"{name}::pg_catalog.text" for name in key.referenced)
        places = ", ".join(str(place + 1) for place in range(len(key.referenced)))
        query = (
            f"SELECT {names} FROM {self.shape.tables[key.table].only}"
            f" WHERE ROW({', '.join(key.referenced)}) IS NOT NULL ORDER BY {places} LIMIT {_MOST}"
        )
        return [tuple(map(literal, row)) for row in self.trial.asked(query)]
