"""Descriptions of tables, columns, constraints, indexes and statistics objects, taken apart by complete patterns. Pure."""

import re
from dataclasses import dataclass, fields
from functools import cache
from typing import Self

from rollproof.model.descriptions import is_type, type_of
from rollproof.model.names import NAME, PATH
from rollproof.repair.clauses.pieces import PIECE
from rollproof.repair.clauses.wording import literal

_COLUMN = re.compile(
    rf"(?: CONSTRAINT (?P<named>{NAME}))?(?P<not_null> NOT NULL)?(?P<not_valid> NOT VALID)?(?P<no_inherit> NO INHERIT)?"
    rf"(?: GENERATED ALWAYS AS \((?P<generated>{PIECE}*)\) (?P<kept>STORED|VIRTUAL))?(?: DEFAULT (?P<default>{PIECE}*?))?"
    rf"(?: GENERATED (?P<identity>ALWAYS|BY DEFAULT) AS IDENTITY)?(?: STORAGE (?P<storage>\w+))?"
    rf"(?: COMPRESSION (?P<compression>\w+))?(?: STATISTICS (?P<statistics>\d+))?(?: SET \((?P<options>{PIECE}*?)\))?"
    rf"(?: OPTIONS \((?P<foreign>{PIECE}*?)\))?(?: \((?P<inherited>inherited(?: and own)?)\))?",
    re.DOTALL,
)
_TABLE = re.compile(
    r"(?:(?P<persistence>unlogged|temporary) )?(?P<kind>partitioned table|foreign table|table)"
    rf"(?: OF (?P<of_type>{PATH}))?(?: PARTITION BY (?P<key>{PIECE}*?))?(?: USING (?P<method>{NAME}))?"
    rf"(?: WITH \((?P<options>{PIECE}*?)\))?(?: TOAST WITH \((?P<toast>{PIECE}*?)\))?(?: TABLESPACE (?P<space>{NAME}))?"
    r"(?: REPLICA IDENTITY (?P<replica>FULL|NOTHING|USING INDEX))?",
    re.DOTALL,
)
_INDEX = re.compile(
    rf"(?P<sql>CREATE {PIECE}*?)(?: TABLESPACE (?P<space>{NAME}))?(?P<targets>(?: STATISTICS \d+ ON COLUMN \d+)*)"
    rf"(?: PARTITION OF (?P<whole>{PATH}))?(?P<broken>(?: INVALID)?(?: NOT READY)?(?: BEING DROPPED)?)"
    r"(?P<cluster> CLUSTER ON)?(?P<identity> REPLICA IDENTITY)?",
    re.DOTALL,
)
_OPTIONS = re.compile(
    rf"(?P<head>{PIECE}*?)(?: WITH \((?P<options>{PIECE}*?)\))?(?P<where> WHERE {PIECE}*)?", re.DOTALL
)
_STATISTICS = re.compile(rf"(?P<sql>CREATE STATISTICS {PIECE}*?)(?: STATISTICS (?P<target>\d+))?", re.DOTALL)
_SEQUENCE = re.compile(
    r"(?:(?P<persistence>unlogged|temporary) )?(?P<type>\w+)"
    r"(?P<options>(?: (?:INCREMENT BY|MINVALUE|MAXVALUE|START WITH|CACHE) -?\d+| CYCLE)*)"
    rf"(?: (?P<tie>OWNED BY|IDENTITY OF) (?P<column>{PATH}\.{NAME}))?"
)
_FOREIGN = re.compile(rf"SERVER (?P<server>{NAME})(?: OPTIONS \((?P<options>.*)\))?", re.DOTALL)
_TARGET = re.compile(r"STATISTICS (\d+) ON COLUMN (\d+)")
_NEXT = re.compile(r", (?=[\w.]+=)")
_INHERITED = re.compile(r" \((inherited(?: and own)?)\)\Z")


@dataclass(frozen=True)
class _Clauses:
    """What a pattern found, by the names of its groups; "" where there was nothing."""

    @classmethod
    def of(cls, found: re.Match[str], **more: str) -> Self:
        """Return the clauses that a pattern found."""
        given = {name: text or "" for name, text in found.groupdict().items()} | more
        return cls(**{field.name: given[field.name].strip() for field in fields(cls)})


@dataclass(frozen=True)
class ColumnClauses(_Clauses):
    """A column's description (`sql/columns.sql`); `type` with its collation, `kept` is how a generated value is kept."""

    type: str
    named: str
    not_null: str
    not_valid: str
    no_inherit: str
    generated: str
    kept: str
    default: str
    identity: str
    storage: str
    compression: str
    statistics: str
    options: str
    foreign: str
    inherited: str

    @property
    def plain_type(self) -> str:
        """The type without its collation, as a cast names it."""
        return self.type.partition(" COLLATE ")[0]


@dataclass(frozen=True)
class TableClauses(_Clauses):
    """A table's description (`sql/tables.sql`)."""

    persistence: str
    kind: str
    of_type: str
    key: str
    method: str
    options: str
    toast: str
    space: str
    replica: str


@dataclass(frozen=True)
class IndexClauses(_Clauses):
    """An index's description (`sql/indexes.sql`): `sql` creates it, `whole` is the index that it is a part of."""

    sql: str
    space: str
    targets: str
    whole: str
    broken: str
    cluster: str
    identity: str

    @property
    def parted(self) -> tuple[str, str, str]:
        """The statement that creates it before its options, its options, and its predicate."""
        found = _OPTIONS.fullmatch(self.sql)
        return (found["head"], found["options"] or "", found["where"] or "") if found else (self.sql, "", "")

    @property
    def statistics(self) -> tuple[tuple[str, str], ...]:
        """The number of each column with a statistics target, and the target."""
        return tuple((column, target) for target, column in _TARGET.findall(self.targets))


@dataclass(frozen=True)
class StatisticsClauses(_Clauses):
    """The description of a statistics object (`sql/statistics.sql`)."""

    sql: str
    target: str


@dataclass(frozen=True)
class SequenceClauses(_Clauses):
    """A sequence's description (`sql/sequences.sql`): `tie` tells how it belongs to `column`."""

    persistence: str
    type: str
    options: str
    tie: str
    column: str


@cache
def column_clauses(description: str) -> ColumnClauses | None:
    """Return the clauses of a column's description; None if it is not understood."""
    told = type_of(description)
    found = _COLUMN.fullmatch(description, len(told))
    known = ColumnClauses.of(found, type=told) if found and is_type(told) else None
    return known if known and _is_certain(known.foreign) else None


@cache
def table_clauses(description: str) -> TableClauses | None:
    """Return the clauses of a table's description; None if it is not understood."""
    found = _TABLE.fullmatch(description)
    return TableClauses.of(found) if found else None


@cache
def index_clauses(description: str) -> IndexClauses | None:
    """Return the clauses of an index's description; None if it is not understood."""
    found = _INDEX.fullmatch(description)
    return IndexClauses.of(found) if found else None


@cache
def statistics_clauses(description: str) -> StatisticsClauses | None:
    """Return the clauses of the description of a statistics object; None if it is not understood."""
    found = _STATISTICS.fullmatch(description)
    return StatisticsClauses.of(found) if found else None


@cache
def sequence_clauses(description: str) -> SequenceClauses | None:
    """Return the clauses of a sequence's description; None if it is not understood."""
    found = _SEQUENCE.fullmatch(description)
    return SequenceClauses.of(found) if found else None


def foreign_clauses(description: str) -> tuple[str, str] | None:
    """Return the server and the options of a foreign table (`sql/foreign_tables.sql`); None if that is not understood."""
    found = _FOREIGN.fullmatch(description)
    return (found["server"], found["options"] or "") if found and _is_certain(found["options"] or "") else None


def inherited_of(description: str) -> tuple[str, str]:
    """Return a constraint's definition, and whether it is `inherited`, `inherited and own`, or neither ("")."""
    found = _INHERITED.search(description)
    return (description[: found.start()], found[1]) if found else (description, "")


def _is_certain(options: str) -> bool:
    """Tell whether a list of options is cut where they were joined: they are sorted, which a comma in a value seldom leaves so."""
    parts = _NEXT.split(options)
    return parts == sorted(parts) and len(options_of(options)) == len([*filter(None, parts)])


def options_of(text: str) -> dict[str, str]:
    """Return options that a description lists, `name=value, name=value`, in their order."""
    return {name: value for name, _, value in (each.partition("=") for each in _NEXT.split(text) if each)}


def listed_options(options: dict[str, str], sign: str = "=", prefix: str = "") -> str:
    """Return options as SQL lists them, each value a string."""
    return ", ".join(f"{prefix}{name}{sign}{literal(value)}" for name, value in options.items())
