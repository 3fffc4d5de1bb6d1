"""Definitions as clauses, by facet, and in which words reports tell of each clause. Pure.

The descriptions are taken apart by `repair/clauses`, as far as a repair needs that; here are the patterns for the others.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import NamedTuple

from rollproof.model.names import NAME, PATH
from rollproof.repair.clauses.pieces import PIECE
from rollproof.repair.clauses.relations import counting, view_clauses
from rollproof.repair.clauses.tables import column_clauses, index_clauses, inherited_of, table_clauses
from rollproof.repair.clauses.types import attributes_of, domain_clauses


class Flag(NamedTuple):
    """What is said where a clause that has no value came, and where it went."""

    gained: str
    lost: str


Clauses = Mapping[str, str]
Told = str | Flag
"""What a clause is called, or what is said of one without a value; "" for a value that speaks for itself."""
_COLUMN: Mapping[str, Told] = {
    "type": "",
    "not_null": Flag("NOT NULL added", "NOT NULL lost"),
    "not_valid": Flag("NOT NULL not validated", "NOT NULL validated"),
    "no_inherit": Flag("NOT NULL is NO INHERIT", "NOT NULL no longer NO INHERIT"),
    "named": "name of its NOT NULL",
    "default": "default",
    "generated": "GENERATED",
    "identity": "identity",
    "storage": "storage",
    "compression": "compression",
    "statistics": "statistics target",
    "options": "options",
    "foreign": "options of its server",
    "inherited": Flag("inheritance changed", "no longer inherited"),
}
_TABLE: Mapping[str, Told] = {
    "persistence": "",
    "kind": "",
    "of_type": "OF type",
    "key": "partition key",
    "method": "access method",
    "options": "options",
    "toast": "TOAST options",
    "space": "tablespace",
    "replica": "REPLICA IDENTITY",
}
_INDEX: Mapping[str, Told] = {
    "unique": Flag("unique, was not", "no longer unique"),
    "table": "table",
    "method": "method",
    "keys": "columns",
    "more": "further columns",
    "nulls": Flag("NULLS NOT DISTINCT added", "NULLS NOT DISTINCT lost"),
    "options": "options",
    "where": "condition",
    "space": "tablespace",
    "targets": "statistics targets",
    "whole": "PARTITION OF",
    "broken": Flag("invalid", "valid, was not"),
    "cluster": Flag("CLUSTER ON added", "CLUSTER ON lost"),
    "identity": Flag("REPLICA IDENTITY added", "REPLICA IDENTITY lost"),
}
_CONSTRAINT: Mapping[str, Told] = {
    "kind": "",
    "columns": "columns",
    "nulls": Flag("NULLS NOT DISTINCT added", "NULLS NOT DISTINCT lost"),
    "more": "further columns",
    "leads": "references",
    "match": "MATCH",
    "update": "ON UPDATE",
    "delete": "ON DELETE",
    "rest": "definition",
    "deferrable": Flag("DEFERRABLE added", "DEFERRABLE lost"),
    "deferred": Flag("INITIALLY DEFERRED added", "INITIALLY DEFERRED lost"),
    "no_inherit": Flag("NO INHERIT added", "NO INHERIT lost"),
    "loose": Flag("not enforced", "enforced, was not"),
    "not_valid": Flag("not validated", "validated, was not"),
    "inherited": Flag("inheritance changed", "no longer inherited"),
}
_TRIGGER: Mapping[str, Told] = {
    "state": Flag("disabled", "enabled, was disabled"),
    "replica": Flag("fires on replicas only", "no longer fires on replicas only"),
    "always": Flag("fires always", "no longer fires always"),
    "inherited": Flag("inherited, was not", "no longer inherited"),
    "time": "fires",
    "each": "fires for each",
    "old": "transition tables",
    "when": "condition",
    "calls": "function",
    "rest": "definition",
}
_VIEW: Mapping[str, Told] = {
    "kind": "",
    "method": "access method",
    "options": "options",
    "toast": "TOAST options",
    "space": "tablespace",
    "replica": "REPLICA IDENTITY",
    "empty": Flag("not populated", "populated, was not"),
    "query": "query",
}
_POLICY: Mapping[str, Told] = {
    "kind": "",
    "command": "FOR",
    "roles": "TO",
    "using": "USING",
    "check": "WITH CHECK",
}
_SEQUENCE: Mapping[str, Told] = {
    "persistence": "",
    "type": "",
    "increment": "increment",
    "least": "MINVALUE",
    "greatest": "MAXVALUE",
    "start": "START",
    "cache": "CACHE",
    "cycles": Flag("CYCLE added", "CYCLE lost"),
    "owner": "OWNED BY",
    "identity": "IDENTITY OF",
}
_FUNCTION: Mapping[str, Told] = {
    "kind": "",
    "arguments": "arguments",
    "returns": "returns",
    "language": "language",
    "attributes": "attributes",
    "body": "body",
}
_HEAD = re.compile(
    rf"CREATE (?P<unique>UNIQUE )?INDEX {NAME} ON (?:ONLY )?(?P<table>{PATH}) USING (?P<method>{NAME}) \((?P<keys>{PIECE}*?)\)"
    rf"(?: INCLUDE \((?P<more>{PIECE}*?)\))?(?P<nulls> NULLS NOT DISTINCT)?",
    re.DOTALL,
)
_KEY = re.compile(
    rf"(?P<kind>PRIMARY KEY|UNIQUE|FOREIGN KEY)(?P<nulls> NULLS NOT DISTINCT)? \((?P<columns>{PIECE}*?)\)"
    rf"(?: INCLUDE \((?P<more>{PIECE}*?)\))?"
    rf"(?: REFERENCES (?P<leads>{PATH}\({PIECE}*?\)))?(?: MATCH (?P<match>FULL|PARTIAL))?"
    r"(?: ON UPDATE (?P<update>CASCADE|RESTRICT|SET NULL|SET DEFAULT))?"
    rf"(?: ON DELETE (?P<delete>(?:CASCADE|RESTRICT|SET NULL|SET DEFAULT)(?: \({PIECE}*?\))?))?",
    re.DOTALL,
)
_ENDS = re.compile(
    rf"(?P<head>{PIECE}*?)(?P<deferrable> DEFERRABLE)?(?P<deferred> INITIALLY DEFERRED)?(?P<no_inherit> NO INHERIT)?"
    r"(?P<loose> NOT ENFORCED)?(?P<not_valid> NOT VALID)?",
    re.DOTALL,
)
_FIRES = re.compile(
    rf"(?:(?P<state>DISABLED) )?(?:ENABLED (?:(?P<replica>ON REPLICA ONLY)|(?P<always>ALWAYS)) )?(?P<inherited>\(inherited\) )?"
    rf"CREATE (?:CONSTRAINT )?TRIGGER {NAME} (?P<time>{PIECE}*?) ON {PATH}(?P<rest>{PIECE}*?)(?: REFERENCING (?P<old>{PIECE}*?))?"
    rf" FOR EACH (?P<each>ROW|STATEMENT)(?: WHEN (?P<when>{PIECE}*?))? EXECUTE FUNCTION (?P<calls>{PIECE}*)",
    re.DOTALL,
)
_RULED = re.compile(
    rf"(?P<kind>PERMISSIVE|RESTRICTIVE) FOR (?P<command>\w+) TO (?P<roles>{PIECE}*?)(?: USING \((?P<using>{PIECE}*?)\))?"
    rf"(?: WITH CHECK \((?P<check>{PIECE}*?)\))?",
    re.DOTALL,
)
_ROUTINE = re.compile(
    rf"CREATE OR REPLACE (?P<kind>FUNCTION|PROCEDURE) [^(]*\((?P<arguments>{PIECE}*?)\)(?:\n RETURNS (?P<returns>{PIECE}*?))?"
    r"\n LANGUAGE (?P<language>\S+)\n(?P<attributes>.*?)(?P<body>(?:AS |RETURN |BEGIN ATOMIC).*)",
    re.DOTALL,
)


_USUAL = {"persistence": "permanent"}


def _found(pattern: re.Pattern[str], text: str) -> Clauses | None:
    found = pattern.fullmatch(text)
    return {name: (value or "").strip() for name, value in found.groupdict().items()} if found else None


def _column(text: str) -> Clauses | None:
    found = column_clauses(text)
    return {**asdict(found), "generated": f"{found.generated} {found.kept}".strip()} if found else None


def _table(text: str) -> Clauses | None:
    found = table_clauses(text)
    return {**asdict(found), "persistence": found.persistence or "permanent"} if found else None


def _index(text: str) -> Clauses | None:
    found = index_clauses(text)
    if found is None:
        return None
    head, options, where = found.parted
    made = _found(_HEAD, head)
    return made and {**asdict(found), **made, "options": options, "where": where.removeprefix(" WHERE ")}


def _constraint(text: str) -> Clauses | None:
    plain, inherited = inherited_of(text)
    ends = _found(_ENDS, plain)
    if ends is None:
        return None
    key = _found(_KEY, ends["head"])
    kind = next((kind for kind in KINDS if plain.startswith(kind)), "")
    return {"kind": kind, "rest": "" if key else ends["head"], "inherited": inherited, **ends, **(key or {})}


def _view(text: str) -> Clauses | None:
    found = view_clauses(text)
    return asdict(found) if found else None


def _sequence(text: str) -> Clauses | None:
    found = counting(text)
    if found is None:
        return None
    return {name: str(value or _USUAL.get(name, "")) for name, value in asdict(found).items()}


def _type(text: str) -> Clauses | None:
    if domain := domain_clauses(text):
        constraints = {f"constraint {name}": text for name, text in domain.constraints.items()}
        return {"type": domain.type, "default": domain.default, "not_null": "x" * domain.not_null, **constraints}
    attributes = attributes_of(text)
    return {f"attribute {name}": told for name, told in attributes} if attributes else None


def _trigger(text: str) -> Clauses | None:
    return _found(_FIRES, text)


def _policy(text: str) -> Clauses | None:
    return _found(_RULED, text)


def _routine(text: str) -> Clauses | None:
    return _found(_ROUTINE, text)


KINDS: Mapping[str, str] = {
    "PRIMARY KEY": "primary key",
    "FOREIGN KEY": "foreign key",
    "UNIQUE": "unique constraint",
    "CHECK": "check constraint",
    "EXCLUDE": "exclusion constraint",
}
"""How the description of a constraint begins, and what such a one is called."""
TAKEN: Mapping[str, tuple[Callable[[str], Clauses | None], Mapping[str, Told]]] = {
    "columns": (_column, _COLUMN),
    "constraints": (_constraint, _CONSTRAINT),
    "functions": (_routine, _FUNCTION),
    "indexes": (_index, _INDEX),
    "policies": (_policy, _POLICY),
    "sequences": (_sequence, _SEQUENCE),
    "tables": (_table, _TABLE),
    "triggers": (_trigger, _TRIGGER),
    "types": (_type, {"type": "", "default": "default", "not_null": _COLUMN["not_null"]}),
    "views": (_view, _VIEW),
}
"""By facet: what takes a description apart (None: it does not understand it), and what its clauses are called."""
