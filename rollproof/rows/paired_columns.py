"""Equality of values of two tables' columns of the same name, as SQL hashes, whatever types they have. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rollproof.rows.row_hash import Type, combined, seed, value_hash

AS_TEXT = "concat({value})"  # which never is NULL and needs no cast


@dataclass(frozen=True)
class PairedColumns:
    """Columns by name, with their types in the older table and in the newer one (None: not known).

    Values of one type are equal if their stored images are. Values of two types are compared as text: the expressions in
    `texts` for the older and the newer table, with `{value}` in them, else the values' own text.
    """

    types: Mapping[str, tuple[Type | None, Type | None]]
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def value_hash(self, alias: str, column: str, seed: int, version: int, *, newer: bool) -> str:
        """Return SQL for the hash of one column's value: NULL for NULL, else equal in both tables if the values are equal."""
        value, types = f"{alias}.{column}", self.types[column]
        if types[0] is not None and types[0] == types[1] and column not in self.texts:
            return value_hash(value, types[0], seed, version)
        text = self.texts.get(column, (AS_TEXT, AS_TEXT))[newer].format(value=value)
        return f'CASE WHEN {value} IS DISTINCT FROM NULL THEN hashtextextended({text} COLLATE "C", {seed}) END'

    def row_hash(self, alias: str, columns: Sequence[str], version: int, *, newer: bool) -> str:
        """Return SQL for the hash of several columns' values, never NULL: equal in both tables if all values are equal."""
        hashes = [
            self.value_hash(alias, column, seed(number), version, newer=newer) for number, column in enumerate(columns)
        ]
        return combined([f"COALESCE({hashed}, {seed(number, 'null')})" for number, hashed in enumerate(hashes)])
