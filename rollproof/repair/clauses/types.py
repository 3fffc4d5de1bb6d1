"""Descriptions of types, taken apart by complete patterns. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from rollproof.model.descriptions import is_type, type_of
from rollproof.model.names import NAME, PATH
from rollproof.repair.clauses.pieces import PIECE, cut, listed

_STRING = r"(?:E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*')"
_LABELS = re.compile(rf"ENUM \((?P<labels>(?:{_STRING}(?:, )?)*)\)", re.DOTALL)
_LABEL = re.compile(_STRING, re.DOTALL)
_COMPOSITE = re.compile(rf"COMPOSITE \((?P<attributes>{PIECE}*)\)", re.DOTALL)
_ATTRIBUTE = re.compile(rf"(?P<name>{NAME}) (?P<type>{PIECE}+)", re.DOTALL)
_DOMAIN = re.compile(
    rf"(?: DEFAULT (?P<default>{PIECE}*?))?(?P<not_null> NOT NULL)?(?P<constraints>(?: CONSTRAINT {NAME} {PIECE}*?)*)",
    re.DOTALL,
)
_CONSTRAINT = re.compile(rf"(?P<name>{NAME}) (?P<definition>{PIECE}+)", re.DOTALL)
_ROUTINE = rf"{PIECE}+?\({PIECE}*?\)"
_RANGE = re.compile(
    rf"RANGE OF (?P<SUBTYPE>{PIECE}+?) MULTIRANGE (?P<MULTIRANGE_TYPE_NAME>{PIECE}+?) SUBTYPE_OPCLASS (?P<SUBTYPE_OPCLASS>{PATH})"
    rf"(?: COLLATION (?P<COLLATION>{PIECE}+?))?(?: CANONICAL (?P<CANONICAL>{_ROUTINE}))?"
    rf"(?: SUBTYPE_DIFF (?P<SUBTYPE_DIFF>{_ROUTINE}))?",
    re.DOTALL,
)
_FUNCTIONS = ("INPUT", "OUTPUT", "RECEIVE", "SEND", "TYPMOD_IN", "TYPMOD_OUT", "ANALYZE", "SUBSCRIPT")
_BASE = re.compile(
    "BASE TYPE"
    + "".join(rf"(?: {key} (?P<{key}>{_ROUTINE}))?" for key in _FUNCTIONS)
    + r" LENGTH (?P<INTERNALLENGTH>-?\d+)(?P<PASSEDBYVALUE> PASSED BY VALUE)? ALIGNMENT (?P<ALIGNMENT>\w) STORAGE (?P<STORAGE>\w)"
    + r" CATEGORY (?P<CATEGORY>'.')(?P<PREFERRED> PREFERRED)?(?: DEFAULT (?P<DEFAULT>'(?:[^']|'')*'))?"
    + rf"(?: ELEMENT (?P<ELEMENT>{PIECE}+?))? DELIMITER (?P<DELIMITER>'.')(?P<COLLATABLE> COLLATABLE)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class DomainClauses:
    """What a domain's description says; the definitions of its constraints by their names."""

    type: str
    default: str
    not_null: bool
    constraints: Mapping[str, str]


@cache
def labels_of(description: str) -> tuple[str, ...] | None:
    """Return the labels of an enum, as strings of SQL; None if it is none."""
    found = _LABELS.fullmatch(description)
    return tuple(_LABEL.findall(found["labels"])) if found else None


@cache
def attributes_of(description: str) -> tuple[tuple[str, str], ...] | None:
    """Return name and type of the attributes of a composite type; None if it is none, or is not understood."""
    found = _COMPOSITE.fullmatch(description)
    parts = [_ATTRIBUTE.fullmatch(each) for each in listed(found["attributes"])] if found else [None]
    return tuple((each["name"], each["type"]) for each in parts if each) if None not in parts else None


@cache
def domain_clauses(description: str) -> DomainClauses | None:
    """Return the clauses of a domain; None if it is none, or is not understood."""
    if not description.startswith("DOMAIN "):
        return None
    told = type_of(description.removeprefix("DOMAIN "))
    found = _DOMAIN.fullmatch(description, len("DOMAIN ") + len(told))
    parts = (
        [_CONSTRAINT.fullmatch(each.strip()) for each in cut(found["constraints"], "CONSTRAINT")[1:]]
        if found
        else [None]
    )
    if found is None or None in parts or not is_type(told):
        return None
    constraints = {each["name"]: each["definition"] for each in parts if each}
    return DomainClauses(told, found["default"] or "", bool(found["not_null"]), constraints)


@cache
def range_clauses(description: str) -> Mapping[str, str] | None:
    """Return the clauses of a range type by name, without those that it has not; None if it is none."""
    found = _RANGE.fullmatch(description)
    return {name: text for name, text in found.groupdict().items() if text} if found else None


@cache
def base_clauses(description: str) -> Mapping[str, str] | None:
    """Return the clauses of a base type by name, without those that it has not; None if it is none."""
    found = _BASE.fullmatch(description)
    return {name: text.strip() for name, text in found.groupdict().items() if text} if found else None
