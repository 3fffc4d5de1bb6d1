"""What a schema says of a relation that statements write or read, and of a function that they call, as values."""

from typing import Literal

import msgspec


class Column(msgspec.Struct, frozen=True):
    """A column: its place and type, and whether it takes NULL.

    `core` is the type without domain and length, `stored` that without its domain; `labels` are those of an enum. `filled` says
    that something stands in for it where an INSERT does not name it, `default` what.
    """

    number: int
    name: str
    type: str
    core: str
    stored: str
    labels: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False
    default: str | None = None
    generated: bool = False


class Rule(msgspec.Struct, frozen=True):
    """What a table demands of rows: its `text`, the `columns` it speaks of, whether the rows there fulfil it for sure.

    `kind` is check, unique (exclusion too), foreign key (of this table) or referenced (by another one's).
    """

    kind: Literal["check", "unique", "foreign key", "referenced"]
    name: str
    text: str
    columns: tuple[str, ...] = ()
    valid: bool = True
    expression: str = ""


class Trigger(msgspec.Struct, frozen=True):
    """A trigger or a rule: its `text`, and on which of insert, update, delete, truncate it acts."""

    name: str
    text: str
    on: tuple[str, ...]


class Relation(msgspec.Struct, frozen=True):
    """A table, a view or the like. `secured` says that row security holds for the role that asked; `definition` is a view's.

    `bounds` are those of its partitions, or its own as one.
    """

    name: str
    kind: str
    columns: tuple[Column, ...] = ()
    rules: tuple[Rule, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    policies: tuple[str, ...] = ()
    secured: bool = False
    definition: str = ""
    bounds: tuple[str, ...] = ()

    def column(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((each for each in self.columns if each.name == name), None)


class Function(msgspec.Struct, frozen=True):
    """A function: its signature, `language`, whole definition and body; `complaint` is what the server says of the body.

    `via` names the trigger by which it is called; it is "" where the statement calls it itself. `as_owner`: SECURITY DEFINER.
    """

    name: str
    language: str
    definition: str
    body: str = ""
    complaint: str = ""
    via: str = ""
    as_owner: bool = False
