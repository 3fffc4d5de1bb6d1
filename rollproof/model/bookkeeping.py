"""Tables in which migration tools keep their own books, by name and columns: `bookkeeping.toml`."""

from functools import cache
from pathlib import Path

import msgspec

from rollproof.model.names import names, unquoted

FILE = Path(__file__).with_name("bookkeeping.toml")


class BookkeepingTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table as a tool makes it: its name and some of its columns, without quotes.

    With a `schema` only the table there is meant. `history` says that a rollback adds rows and takes none away, `exact` that
    it holds what is applied and nothing else, `furnished` that it has rows as soon as it is made, `grows` that it is a list which
    the tool lengthens and never shortens.
    """

    tool: str
    name: str
    columns: tuple[str, ...]
    schema: str = ""
    history: bool = False
    exact: bool = False
    furnished: bool = False
    grows: bool = False

    def is_meant(self, schema: str, name: str, columns: frozenset[str]) -> bool:
        """Tell whether a table with this schema, name and columns is the tool's."""
        return name == self.name and self.schema in {"", schema} and columns.issuperset(self.columns)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    table: tuple[BookkeepingTable, ...]


@cache
def known() -> tuple[BookkeepingTable, ...]:
    """Return every table that is known; of two that share a name, first the one with more columns."""
    tables = msgspec.toml.decode(FILE.read_bytes(), type=_File).table
    return tuple(sorted(tables, key=lambda table: -len(table.columns)))


def meant(table: str, columns: frozenset[str]) -> BookkeepingTable | None:
    """Return which one a table with this quoted, qualified name and these columns is; None if it is no tool's."""
    schema, name = map(unquoted, names(table))
    return next((each for each in known() if each.is_meant(schema, name, columns)), None)
