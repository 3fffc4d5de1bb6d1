"""How a value of any type can be another one, as SQL: by the rules for its type, by its parts, or by the values beside it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import psycopg

_RULES = Path(__file__).with_name("values.toml")
_DEPTH = 3  # values in values that are looked into
_KINDS = {"e": "enum", "c": "composite", "r": "range", "m": "multirange", "d": "domain"}
_TYPES = """
SELECT t.oid::int8, format_type(t.oid, NULL), t.typname::text, n.nspname = 'pg_catalog', t.typtype::text,
    CASE
        WHEN t.typtype = 'd' THEN t.typbasetype
        WHEN t.typoutput = 'pg_catalog.array_out'::pg_catalog.regproc THEN t.typelem
        WHEN t.typtype = 'r' THEN (SELECT r.rngsubtype FROM pg_range AS r WHERE r.rngtypid = t.oid)
        ELSE 0
    END::int8,
    t.typoutput = 'pg_catalog.array_out'::pg_catalog.regproc,
    ARRAY(
        SELECT quote_ident(a.attname) FROM pg_attribute AS a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    ),
    ARRAY(
        SELECT a.atttypid::int8 FROM pg_attribute AS a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    )
FROM pg_type AS t
JOIN pg_namespace AS n ON n.oid = t.typnamespace
WHERE t.typisdefined
"""
_ANY = ("''", "'0'", "'1'", "'a'", "'{{}}'", "'(0,0)'", "'[1]'", "'a=>1'", "'$'", "'2000-01-01'", "'0/1'", "'00000000-0000-0000-0000-000000000000'", "'10.0.0.0'", "'08:00:2b:01:02:03'")
"""Texts that some type or other takes for a value, for types of which nothing is known."""


class ValueRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way in which a value of these types can be another one."""

    name: str
    types: tuple[str, ...]
    value: tuple[str, ...]


@dataclass(frozen=True)
class ValueType:
    """A type as SQL writes it; its `kind` is its plain name if it is PostgreSQL's own, else what kind of type it is.

    `inner` is what a domain is over, an array's element or a range's bound; `fields` are those of a composite.
    """

    name: str
    kind: str
    inner: int = 0
    fields: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Change:
    """One way to change a value: its name, and expressions of which the first that is possible will do."""

    name: str
    values: tuple[str, ...]


@cache
def value_rules() -> tuple[ValueRule, ...]:
    """Return the ways in which values of PostgreSQL's own types, and of kinds of types, can be others."""
    return msgspec.convert(tomllib.loads(_RULES.read_text("utf-8"))["value"], tuple[ValueRule, ...])


@dataclass(frozen=True)
class ValueTypes:
    """The types of a database by their numbers; names are qualified, as with an empty search path."""

    known: Mapping[int, ValueType]

    @classmethod
    def of(cls, connection: psycopg.Connection) -> "ValueTypes":
        """Read them; the session's search path is empty."""
        return cls({int(row[0]): _type(*row[1:]) for row in connection.execute(_TYPES)})

    def base(self, oid: int) -> ValueType:
        """Return a type, or what the domain is over."""
        found = self.known[oid]
        return self.base(found.inner) if found.kind == "domain" else found

    def changes(self, oid: int, value: str) -> Iterator[Change]:
        """Yield the ways in which a value of a type can be another one, by the rules for its type and by its parts."""
        base = self.base(oid)
        value = f"({value})::{base.name}" if base is not self.known[oid] else value
        for rule in value_rules():
            if base.kind in rule.types:
                made = tuple(each.format(v=value, t=base.name) for each in rule.value)
                yield Change(f"{_word(base)}: {rule.name}", made)
        parts = {"composite": self._fields, "array": self._elements, "range": self._bounds}.get(base.kind)
        if parts and (inside := tuple(parts(base, value, _DEPTH))):
            yield Change(f"{base.kind}: a part of it", inside)

    def any_change(self, oid: int, value: str, depth: int = _DEPTH) -> Iterator[str]:
        """Yield expressions for other values, the likeliest first: by rules, by parts, and texts that many types take."""
        base = self.base(oid)
        value = f"({value})::{base.name}" if base is not self.known[oid] else value
        for rule in value_rules():
            if base.kind in rule.types:
                yield from (each.format(v=value, t=base.name) for each in rule.value)
        parts = {"composite": self._fields, "array": self._elements, "range": self._bounds}.get(base.kind)
        if parts and depth:
            yield from parts(base, value, depth - 1)
        yield from (f"{each.format()}::{base.name}" for each in _ANY)

    def _fields(self, type_: ValueType, value: str, depth: int) -> Iterator[str]:
        for place, (name, oid) in enumerate(type_.fields):
            for changed in self._first(oid, f"({value}).{name}", depth):
                fields = [f"({value}).{each}" for each, _ in type_.fields]
                fields[place] = f"({changed})::{self.known[oid].name}"
                yield f"ROW({', '.join(fields)})::{type_.name}"

    def _elements(self, type_: ValueType, value: str, depth: int) -> Iterator[str]:
        for changed in self._first(type_.inner, f"({value})[pg_catalog.array_lower({value}, 1)]", depth):
            element = f"({changed})::{self.known[type_.inner].name}"
            rest = f"({value})[pg_catalog.array_lower({value}, 1) + 1:]"
            yield f"CASE WHEN pg_catalog.array_ndims({value}) = 1 THEN pg_catalog.array_prepend({element}, {rest}) ELSE {value} END"

    def _bounds(self, type_: ValueType, value: str, depth: int) -> Iterator[str]:
        name = self.known[type_.inner].name
        for changed in self._first(type_.inner, f"pg_catalog.lower({value})", depth):
            yield f"{type_.name}(({changed})::{name}, pg_catalog.upper({value}), '[]')"
        yield f"{type_.name}(pg_catalog.upper({value}), pg_catalog.upper({value}), '[]')"

    def _first(self, oid: int, value: str, depth: int) -> list[str]:
        found = self.any_change(oid, value, depth)
        return [each for each, _ in zip(found, range(4), strict=False)]


def _type(
    name: str, plain: str, is_own: bool, type_: str, inner: int, is_array: bool, fields: list[str], types: list[int]
) -> ValueType:
    kind = "array" if is_array and type_ == "b" else _KINDS.get(type_) or (plain if is_own else "other")
    return ValueType(name, kind, inner, tuple(zip(fields, types, strict=True)))


def _word(type_: ValueType) -> str:
    return type_.kind if type_.kind in {*_KINDS.values(), "array"} else type_.name
