"""Columns of a table whose rows are put back, and conditions on two rows, as SQL. Pure.

Rows are compared by their stored image (`*=`), which tells 1.0 from 1.00 and 0 from -0, and is there for types without `=`, too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rollproof.model.descriptions import type_of
from rollproof.model.names import NAME

# Equal values of these are stored alike. Types of users are not among them: their `=` may be anything.
_EXACT = re.compile(
    r"(?:smallint|integer|bigint|oid|uuid|boolean|date|text|bytea|pg_lsn|name"
    r"|character varying(?:\(\d+\))?|(?:timestamp|time)(?:\(\d\))? without time zone|timestamp(?:\(\d\))? with time zone)"
)
_MADE = re.compile(
    rf"(?: CONSTRAINT {NAME})?(?P<required> NOT NULL)?(?: NOT VALID)?(?: NO INHERIT)?"
    r"(?: (?P<generated>GENERATED ALWAYS AS \()| (?P<identity>GENERATED (?:ALWAYS|BY DEFAULT) AS IDENTITY)|(?P<default> DEFAULT ))?"
)


@dataclass(frozen=True)
class Described:
    """What rows have to do with of a column's description (`catalog/sql/columns.sql`)."""

    type: str
    generated: bool = False
    identity: str = ""
    required: bool = False

    @classmethod
    def parse(cls, description: str) -> "Described":
        """Return it; `required` if a row needs a value and gets none by itself."""
        type_ = type_of(description)
        found = _MADE.match(description, len(type_))
        if found is None:
            return cls(type_)
        given = found["generated"] or found["identity"] or found["default"]
        return cls(type_, bool(found["generated"]), found["identity"] or "", bool(found["required"] and not given))

    @property
    def exact(self) -> bool:
        """Whether `=` tells apart all values that are stored otherwise; with a collation of its own it may not."""
        return _EXACT.fullmatch(self.type) is not None

    @property
    def plain(self) -> str:
        """The type without collation."""
        return self.type.partition(" COLLATE ")[0]


class Column(NamedTuple):
    """A quoted column; `cast` is the type to which the source's value is brought, "" if it has it.

    `identity` as its description says it. `text` is what it is turned into where it has no binary form, "" if it has one.
    """

    name: str
    cast: str = ""
    exact: bool = False
    identity: str = ""
    text: str = ""


class Row(NamedTuple):
    """A row in a query: by its alias, of the table or of the source."""

    alias: str
    source: bool = False

    def value(self, column: Column) -> str:
        """Return the value of a column."""
        value = f"{self.alias}.{column.name}"
        return f"{value}::{column.cast}" if self.source and column.cast else value


LIVE, KEPT = Row("t"), Row("b", source=True)
OTHER, OTHER_KEPT = Row("o"), Row("o", source=True)


def names(columns: Sequence[Column]) -> str:
    """Return the columns in a list."""
    return ", ".join(column.name for column in columns)


def values(columns: Sequence[Column], row: Row) -> str:
    """Return their values in a list."""
    return ", ".join(map(row.value, columns))


def same(columns: Sequence[Column], one: Row, other: Row) -> str:
    """Return a condition that these columns of two rows are the same; by `=` where that says it, for an index has that."""
    conditions = [f"{one.value(column)} = {other.value(column)}" for column in columns if column.exact]
    if inexact := [column for column in columns if not column.exact]:
        conditions.append(_images(inexact, one, "*=", other))
    return " AND ".join(conditions)


def differs(columns: Sequence[Column], one: Row, other: Row) -> str:
    """Return a condition that any of these columns is stored otherwise; NULL is like NULL."""
    return _images(columns, one, "*<>", other)


def image(columns: Sequence[Column], row: Row) -> str:
    """Return the image of these columns as a value that can be grouped by."""
    told = (f"{row.value(column)}{f'::pg_catalog.{column.text}' * bool(column.text)}" for column in columns)
    return f"pg_catalog.record_send({_record(told)})"


def spelled_alike(columns: Sequence[Column], row: Row) -> str:
    """Return the text of these columns without regard to case, hyphens, braces and outer blanks, as an array."""
    texts = (
        f"pg_catalog.translate(pg_catalog.lower(pg_catalog.btrim(pg_catalog.concat({row.value(column)}))"
        """ COLLATE pg_catalog."C"), '-{}', '')"""
        for column in columns
    )
    return f"ARRAY[{', '.join(texts)}]"


def _images(columns: Sequence[Column], one: Row, operator: str, other: Row) -> str:
    left, right = (_record(map(row.value, columns)) for row in (one, other))
    return f"{left} OPERATOR(pg_catalog.{operator}) {right}"


def _record(values: "map[str] | object") -> str:
    return f"ROW({', '.join(values)})::pg_catalog.record"  # type: ignore[arg-type]
