"""The whole of one side made anew, in a database that has just been created. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from rollproof.model.compare import Difference, compare
from rollproof.model.facets import facets, traits
from rollproof.model.names import is_word
from rollproof.repair.plan import Plan, plan
from rollproof.repair.planning.order import Ordered
from rollproof.repair.sides import Side, Sides

_AT_ONCE = 200  # steps in a transaction: a server has room for some thousand locks
_PUBLIC_IS_CLOSED = (
    150_000  # since then not everybody creates in the schema public, and it belongs to the database's owner
)
_FROM_INITDB: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "access_methods": ("brin", "btree", "gin", "gist", "hash", "heap", "spgist"),
        "all_schemas": ("public",),
        "extensions": ("plpgsql",),
        "languages": ("c", "internal", "sql"),
        "owners": ("pg_default (tablespace)", "pg_global (tablespace)", "plpgsql (extension)"),
        "schemas": ("public",),
        "tablespaces": ("pg_default", "pg_global"),
    }
)
"""What a new database has, by facet; each as the reference has it."""
_TOLD_BY_INITDB: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "comments": {
            "plpgsql (extension)": "PL/pgSQL procedural language",
            "public (schema)": "standard public schema",
        },
        "owners": {"public (schema)": "pg_database_owner"},
        "privileges": {
            "pg_default (tablespace) TO OWNER": "CREATE",
            "pg_global (tablespace) TO OWNER": "CREATE",
            "public (schema) TO OWNER": "CREATE, USAGE",
            "public (schema) TO PUBLIC": "USAGE",
            "this (database) TO OWNER": "CONNECT, CREATE, TEMPORARY",
            "this (database) TO PUBLIC": "CONNECT, TEMPORARY",
        },
    }
)
"""The same, with its description."""
ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "collation_versions": "the server's libraries have them",
        "database": "CREATE DATABASE decides it",
        "extension_members": "CREATE EXTENSION brings them",
        "large_objects": "they are rows",
        "planner_statistics": "ANALYZE makes them, when the rows are back",
        "prepared_transactions": "they end with their sessions",
        "replication": "it is the server's",
        "subscriptions": "their connection is not recorded",
    }
)
"""What is not made, and why, by facet."""
_FOLLOWS = "DEPENDS ON EXTENSION"  # no member, which CREATE EXTENSION would bring
OF_SERVER = ("roles", "tablespaces")
"""What belongs to the whole server, by facet: it is printed as comments."""
_UNUSED = "(nothing in this database)"
_IF_MISSING = "needed, unless the server has it"


def recreate(before: Side) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan that makes all of one side in a new database, and remarks about what it does not make.

    What belongs to the server is printed first, as comments: the server may have it.
    """
    new = _new_database(before)
    of_server = Sides(before, Side({**new.all_facts, "roles": {}}, before.version), _nowhere)
    needed = plan(of_server, filter(lambda each: _is_needed(each, before), _missing(of_server)))
    own = Sides(before, new, _nowhere)
    made = plan(own, (each for each in _missing(own) if not _is_of_server(each)), at_once=_AT_ONCE)
    first = tuple(replace(step, optional=_IF_MISSING) for step in needed.steps)
    return Plan(Ordered((first, *made.units)), needed.unmended + made.unmended), tuple(_remarks(before))


def _remarks(before: Side) -> Iterator[str]:
    for name, told in before.facts("tablespaces").items():
        if name not in _FROM_INITDB["tablespaces"] and not told.endswith(_UNUSED):
            yield f"tablespaces: {name}: {_IF_MISSING}: CREATE TABLESPACE {name} LOCATION '…';"
    for facet, why in ELSEWHERE.items():
        if known := before.facts(facet):
            yield f"{facet}: not made ({len(known)}): {why}"


def _nowhere(_: str) -> bool:
    return False


def _new_database(before: Side) -> Side:
    """Return what CREATE DATABASE makes, as far as the reference has it, on a server with the same roles."""
    facts: dict[str, Mapping[str, str]] = {facet: {} for facet in before.all_facts}
    for facet in _FROM_INITDB.keys() & facts:
        known = before.facts(facet)
        facts[facet] = {name: known[name] for name in _FROM_INITDB[facet] if name in known}
    told = dict(_TOLD_BY_INITDB)
    if before.version < _PUBLIC_IS_CLOSED:
        told["privileges"] = {**told["privileges"], "public (schema) TO PUBLIC": "CREATE, USAGE"}
        told["owners"] = {}
    for facet in told.keys() & facts:
        facts[facet] = {**facts[facet], **told[facet]}
    return Side({**facts, **{facet: before.facts(facet) for facet in OF_SERVER}}, before.version)


def _missing(sides: Sides) -> Iterator[Difference]:
    """Yield what a new database lacks, or has too much, facet by facet."""
    for facet in facets():
        if traits(facet).holds == "definitions":
            for each in compare(facet, sides.before.facts(facet), sides.after.facts(facet)):
                if facet in ELSEWHERE and each.before != _FOLLOWS:
                    continue
                of = sides.before.object_of(each.facet, each.identity)
                if of.facet not in {*ELSEWHERE, "large object"} or (of.facet != facet and of.facet == "database"):
                    yield each


def _is_of_server(each: Difference) -> bool:
    return each.facet == "settings" and not each.identity.endswith(" DATABASE")


def _is_needed(each: Difference, side: Side) -> bool:
    return _is_of_server(each) or (each.facet == "roles" and _is_named(each.identity, side))


def _is_named(role: str, side: Side) -> bool:
    """Tell whether a role owns something, has privileges, or is named by a policy."""
    granted = (
        name.rpartition(" TO ")[2] for facet in ("privileges", "default_privileges") for name in side.facts(facet)
    )
    policies = side.facts("policies").values()
    return role in {*side.facts("owners").values(), *granted} or any(is_word(role, text) for text in policies)
