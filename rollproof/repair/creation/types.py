"""Statements that create enums, domains, composite types, ranges and base types, from facts. Pure."""

from collections.abc import Iterator, Mapping

from rollproof.repair.clauses.pieces import called
from rollproof.repair.clauses.types import (
    DomainClauses,
    attributes_of,
    base_clauses,
    domain_clauses,
    labels_of,
    range_clauses,
)
from rollproof.repair.creation.routines import function_statement
from rollproof.repair.makers import Create
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side
from rollproof.repair.step import Made, Refused

SHELL = "SHELL TYPE"
"""The description of a type that was announced, and not defined yet."""
_ROUTINES = (
    "CANONICAL",
    "SUBTYPE_DIFF",
    "INPUT",
    "OUTPUT",
    "RECEIVE",
    "SEND",
    "TYPMOD_IN",
    "TYPMOD_OUT",
    "ANALYZE",
    "SUBSCRIPT",
)
_FLAGS = {"PASSEDBYVALUE": "PASSEDBYVALUE", "PREFERRED": "PREFERRED = true", "COLLATABLE": "COLLATABLE = true"}
WORDS = {
    "ALIGNMENT": {"c": "char", "s": "int2", "i": "int4", "d": "double"},
    "STORAGE": {"p": "plain", "e": "external", "m": "main", "x": "extended"},
}
"""What the catalogue has a letter for → what SQL says."""
_NOT_VALID = " NOT VALID"


def _type(of: Object, side: Side) -> Made | Refused:
    """Create a type; the functions of a base type, or of a range's canonical form, need its name before it is there."""
    told = side.description(of) or ""
    own = type_statements(of.identity, told)
    if not own:
        return Refused("its description was not understood")
    known = base_clauses(told) or range_clauses(told) or {}
    functions = [Object("functions", known[key]) for key in _ROUTINES if key in known and key != "SUBTYPE_DIFF"]
    functions = [each for each in dict.fromkeys(functions) if side.has(each)]
    if not functions:
        return Made(own)
    bodies = (function_statement(side.description(each) or "") for each in functions)
    return Made((f"CREATE TYPE {of.identity};", *bodies, *own), frozenset(functions))


def type_statements(name: str, told: str) -> tuple[str, ...]:
    """Return the statements that create a type of this description; () if it is not understood."""
    if domain := domain_clauses(told):
        return tuple(_domain(name, domain))
    if told == SHELL:
        return (f"CREATE TYPE {name};",)
    labels, attributes = labels_of(told), attributes_of(told)
    if labels is not None:
        return (f"CREATE TYPE {name} AS ENUM ({', '.join(labels)});",)
    if attributes is not None:
        return (f"CREATE TYPE {name} AS ({', '.join(f'{attribute} {type_}' for attribute, type_ in attributes)});",)
    ranged, known = range_clauses(told), range_clauses(told) or base_clauses(told)
    return (f"CREATE TYPE {name}{' AS RANGE' if ranged else ''} ({', '.join(_listed(known))});",) if known else ()


def _domain(name: str, known: DomainClauses) -> Iterator[str]:
    valid = {each: text for each, text in known.constraints.items() if not text.endswith(_NOT_VALID)}
    default = f" DEFAULT {known.default}" if known.default else ""
    not_null = " NOT NULL" if known.not_null and "NOT NULL" not in valid.values() else ""
    checks = "".join(f" CONSTRAINT {each} {text}" for each, text in valid.items())
    yield f"CREATE DOMAIN {name} AS {known.type}{default}{not_null}{checks};"
    for each in known.constraints.keys() - valid.keys():
        yield f"ALTER DOMAIN {name} ADD CONSTRAINT {each} {known.constraints[each]};"


def _listed(known: Mapping[str, str]) -> Iterator[str]:
    for key, text in known.items():
        if key in _FLAGS:
            yield _FLAGS[key]
        elif key == "INTERNALLENGTH" and text.startswith("-"):
            yield "INTERNALLENGTH = VARIABLE"
        else:
            yield f"{key} = {called(text) if key in _ROUTINES else WORDS[key][text] if key in WORDS else text}"


CREATES: Mapping[str, Create] = {"types": _type}
"""By facet."""
