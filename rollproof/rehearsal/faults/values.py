"""How a value of any type can be another one, as SQL: by the rules for its type, by its parts, or by the values beside it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path

import msgspec
import psycopg

_RULES = Path(__file__).with_name("values.toml")
_DEPTH = 3  # values in values that are looked into
_FEW = 4  # ways to change a part
_OTHERS = ("array", "enum", "composite", "range", "multirange", "domain")  # kinds that are not the name of a type
_TYPES = """
SELECT
    t.oid::int8,
    format_type(t.oid, NULL),
    CASE
        WHEN t.typtype = 'b' AND t.typoutput = 'array_out'::regproc THEN 'array'
        WHEN t.typtype = 'b' AND t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname::text
        ELSE CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range'
                            WHEN 'm' THEN 'multirange' ELSE 'other' END
    END,
    CASE
        WHEN t.typtype = 'd' THEN t.typbasetype
        WHEN t.typtype = 'r' THEN (SELECT r.rngsubtype FROM pg_range AS r WHERE r.rngtypid = t.oid)
        ELSE t.typelem
    END::int8,
    ARRAY(
        SELECT ARRAY[quote_ident(a.attname), a.atttypid::int8::text] FROM pg_attribute AS a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    )
FROM pg_type AS t
WHERE t.typisdefined
"""
_ANY = (
    "''",
    "'0'",
    "'1'",
    "'a'",
    "'{{}}'",
    "'(0,0)'",
    "'[1]'",
    "'a=>1'",
    "'$'",
    "'2000-01-01'",
    "'0/1'",
    "'00000000-0000-0000-0000-000000000000'",
    "'10.0.0.0'",
    "'08:00:2b:01:02:03'",
)
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
        rows = connection.execute(_TYPES).fetchall()
        return cls({oid: ValueType(name, kind, inner, _fields(fields)) for oid, name, kind, inner, fields in rows})

    def base(self, oid: int) -> ValueType:
        """Return a type, or what the domain is over."""
        found = self.known[oid]
        return self.base(found.inner) if found.kind == "domain" else found

    def changes(self, oid: int, value: str) -> Iterator[Change]:
        """Yield the ways in which a value of a type can be another one, by the rules for its type and by its parts."""
        base, value = self._plain(oid, value)
        for name, made in self._by_rules(base, value):
            yield Change(f"{_word(base)}: {name}", made)
        if inside := tuple(self._by_parts(base, value, _DEPTH)):
            yield Change(f"{base.kind}: a part of it", inside)

    def any_change(self, oid: int, value: str, depth: int = _DEPTH) -> Iterator[str]:
        """Yield expressions for other values, the likeliest first: by rules, by parts, and texts that many types take."""
        base, value = self._plain(oid, value)
        yield from chain.from_iterable(made for _, made in self._by_rules(base, value))
        yield from self._by_parts(base, value, depth)
        yield from (f"{each}::{base.name}" for each in _ANY)

    def _plain(self, oid: int, value: str) -> tuple[ValueType, str]:
        """Return a type without its domains, and the value as one of it."""
        base = self.base(oid)
        return base, value if base is self.known[oid] else f"({value})::{base.name}"

    def _by_rules(self, type_: ValueType, value: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        for rule in value_rules():
            if type_.kind in rule.types:
                yield rule.name, tuple(each.format(v=value, t=type_.name) for each in rule.value)

    def _by_parts(self, type_: ValueType, value: str, depth: int) -> Iterator[str]:
        ways = {"composite": self._fields, "array": self._elements, "range": self._bounds}
        return ways[type_.kind](type_, value, depth - 1) if depth and type_.kind in ways else iter(())

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
            made = f"pg_catalog.array_prepend({element}, {rest})"
            yield f"CASE WHEN pg_catalog.array_ndims({value}) = 1 THEN {made} ELSE {value} END"

    def _bounds(self, type_: ValueType, value: str, depth: int) -> Iterator[str]:
        name = self.known[type_.inner].name
        for changed in self._first(type_.inner, f"pg_catalog.lower({value})", depth):
            yield f"{type_.name}(({changed})::{name}, pg_catalog.upper({value}), '[]')"
        yield f"{type_.name}(pg_catalog.upper({value}), pg_catalog.upper({value}), '[]')"

    def _first(self, oid: int, value: str, depth: int) -> list[str]:
        return list(islice(self.any_change(oid, value, depth), _FEW))


def _fields(found: list[list[str]]) -> tuple[tuple[str, int], ...]:
    return tuple((name, int(oid)) for name, oid in found)


def _word(type_: ValueType) -> str:
    return type_.kind if type_.kind in _OTHERS else type_.name
