"""The columns that two tables share: when a value is the same in both, as SQL, whatever type it has in each. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rollproof.rows.row_hash import Type, combined, seed, value_hash

AS_TEXT = "concat({value})"  # which never is NULL and needs no cast


@dataclass(frozen=True)
class PairedColumns:
    """Columns by name: their types in the older table and in the newer one, None where a type is not known.

    Values of one type are the same if their stored images are. Of two types, only texts can be held against each other: those
    that `texts` writes in either table, `{value}` being the value, else the values' own.
    """

    types: Mapping[str, tuple[Type | None, Type | None]]
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def value_hash(self, alias: str, column: str, seed: int, version: int, *, newer: bool) -> str:
        """Return the hash of one column's value, as SQL: NULL for NULL, else equal in both tables if the values are the same."""
        value, types = f"{alias}.{column}", self.types[column]
        if types[0] is not None and types[0] == types[1] and column not in self.texts:
            return value_hash(value, types[0], seed, version)
        text = self.texts.get(column, (AS_TEXT, AS_TEXT))[newer].format(value=value)
        return f'CASE WHEN {value} IS DISTINCT FROM NULL THEN hashtextextended({text} COLLATE "C", {seed}) END'

    def row_hash(self, alias: str, columns: Sequence[str], version: int, *, newer: bool) -> str:
        """Return the hash of several columns' values, as SQL, never NULL: equal in both tables if all values are the same."""
        hashes = [
            self.value_hash(alias, column, seed(number), version, newer=newer) for number, column in enumerate(columns)
        ]
        return combined([f"COALESCE({hashed}, {seed(number, 'null')})" for number, hashed in enumerate(hashes)])
