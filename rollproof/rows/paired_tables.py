"""Two tables that should hold the same rows, and SQL for what is compared of them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rollproof.rows.paired_columns import PairedColumns
from rollproof.rows.row_hash import Type, combined, seed
from rollproof.rows.row_order import order
from rollproof.rows.tables import ScannableTable


@dataclass(frozen=True)
class Pair:
    """Two tables that should hold the same rows; `key` are quoted columns, () if the table has no key."""

    was: ScannableTable
    now: ScannableTable
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of both tables."""
        names = {name for name, _ in self.now.relation.columns}
        return tuple(name for name, _ in self.was.relation.columns if name in names)

    @property
    def beside_the_key(self) -> tuple[str, ...]:
        """Columns of both tables that are not in the key."""
        return tuple(name for name in self.columns if name not in self.key)

    @property
    def on_one_side(self) -> tuple[str, ...]:
        """Columns of only one of them."""
        was, now = ({name for name, _ in held.relation.columns} for held in (self.was, self.now))
        return tuple(sorted(was ^ now))

    @cached_property
    def paired(self) -> PairedColumns:
        """The same columns, with their types."""
        was, now = (dict(held.relation.columns) for held in (self.was, self.now))
        return PairedColumns({column: (was[column], now[column]) for column in self.columns})

    @property
    def key_types(self) -> tuple[tuple[Type | None, Type | None], ...]:
        """The types of the key's columns on both sides."""
        return tuple(self.paired.types[column] for column in self.key)

    def orders(self) -> tuple[str, ...]:
        """Return SQL for each column of the key of a row `x`, by which rows sort as the column's type does."""
        return tuple(order(f"x.{column}", *both) for column, both in zip(self.key, self.key_types, strict=True))

    def values(self, held: ScannableTable, columns: Sequence[str], alias: str = "x") -> Iterator[str]:
        """Yield SQL for the hash of each column's value, NULL for NULL."""
        version, newer = held.view.version, held is self.now
        for number, column in enumerate(columns):
            yield self.paired.value_hash(alias, column, seed(number), version, newer=newer)

    def hashes(self, held: ScannableTable) -> tuple[str, str, str]:
        """Return SQL for the hashes of a row's key, of its key without regard to spelling, and of all columns."""
        row = self._hash(held, self.columns)
        if not self.key:
            return row, row, row
        plain = (f"""translate(lower(btrim(concat(x.{column})) COLLATE "C"), '-{{}}', '')""" for column in self.key)
        loose = combined([f'hashtextextended({text} COLLATE "C", {seed(number)})' for number, text in enumerate(plain)])
        return self._hash(held, self.key), loose, row

    def _hash(self, held: ScannableTable, columns: Sequence[str]) -> str:
        return self.paired.row_hash("x", columns, held.view.version, newer=held is self.now)
