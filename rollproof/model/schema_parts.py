"""A snapshot by schemas: what belongs to each group of them, and what belongs to none. Pure.

Each fact is in one part alone, so that nothing is compared twice, and nothing never.
"""

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import TypeVar

import msgspec

from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.facets import traits
from rollproof.model.names import NAME, unquoted
from rollproof.model.snapshot import Snapshot

T = TypeVar("T")
Group = tuple[str, ...]  # schemas by their raw names

REST: Group = ()
"""The part of what belongs to none of the groups."""
_OF_NONE = "it belongs to no schema, so it is not compared schema by schema, but once, for the database itself"
_OF_THE_WHOLE = "it is asked of a whole database, and not schema by schema"


def schema_in(facet: str, identity: str) -> str | None:
    """Return the raw name of the schema that a fact belongs to; None if it belongs to none, or its identity does not say."""
    pattern = _pattern(facet)
    found = pattern.match(identity) if pattern else None
    return unquoted(found["schema"]) if found else None


@cache
def _pattern(facet: str) -> re.Pattern[str] | None:
    told = traits(facet).schema.replace("{schema}", f"(?P<schema>{NAME})").replace("{name}", NAME)
    return re.compile(told) if told else None


def divided(snapshot: Snapshot, groups: Collection[Group]) -> dict[Group, Snapshot]:
    """Return the part of each of these groups of schemas, which share none, and the `REST`.

    Facets that no schema has are absent in all but the rest, and what is asked of a database as a whole is absent in all; both
    with the reason.
    """
    of = {schema: group for group in groups for schema in group}
    facets, unknown = (_by_part(told, of, groups) for told in (snapshot.facets, snapshot.unknown))
    rows = {name: _of_tables(getattr(snapshot, name), of) for name in _BY_TABLE}
    parts = {}
    for part in (REST, *groups):
        absent = snapshot.absent | _absent(snapshot, part)
        parts[part] = msgspec.structs.replace(
            snapshot,
            origin=msgspec.structs.replace(snapshot.origin, schemas=part) if part else snapshot.origin,
            facets={facet: facts for facet, facts in facets[part].items() if facet not in absent},
            unknown={facet: facts for facet, facts in unknown[part].items() if facts and facet not in absent},
            absent=absent,
            **{name: tables.get(part, {}) for name, tables in rows.items()},
        )
    return parts


_BY_TABLE = tuple(name for name in ("hashes", "footprints", "details") if name in Snapshot.__struct_fields__)


def _absent(snapshot: Snapshot, part: Group) -> dict[str, str]:
    told = {*snapshot.facets, *snapshot.unknown}
    absent = {facet: _OF_THE_WHOLE for facet in told if traits(facet).holds == "recordings"} | {DUMP: _OF_THE_WHOLE}
    return absent | {facet: _OF_NONE for facet in told if part and not traits(facet).schema and facet not in absent}


def _by_part(
    told: Mapping[str, Mapping[str, str]], of: Mapping[str, Group], groups: Collection[Group]
) -> dict[Group, dict[str, dict[str, str]]]:
    """Return the facts of each part by facet; what is said of a whole facet is said of it in every part."""
    parts: dict[Group, dict[str, dict[str, str]]] = {part: {facet: {} for facet in told} for part in (REST, *groups)}
    for facet, facts in told.items():
        for identity, text in facts.items():
            for part in parts if identity == "*" else (of.get(schema_in(facet, identity) or "", REST),):
                parts[part][facet][identity] = text
    return parts


def _of_tables(tables: Mapping[str, T], of: Mapping[str, Group]) -> dict[Group, dict[str, T]]:
    parts: dict[Group, dict[str, T]] = {}
    for table, told in tables.items():
        parts.setdefault(of.get(schema_in("tables", table) or "", REST), {})[table] = told
    return parts
