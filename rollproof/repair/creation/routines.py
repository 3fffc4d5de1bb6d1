"""Statements that create functions, procedures, aggregates, operators, casts, conversions and transforms, from facts. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

from rollproof.model.names import PATH
from rollproof.repair.clauses.pieces import PIECE, arguments_of, called
from rollproof.repair.clauses.routines import (
    CONSTRUCTOR,
    aggregate_clauses,
    members_of,
    operands_of,
    operator_clauses,
)
from rollproof.repair.makers import Create
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side
from rollproof.repair.step import Made, Refused

_NOT_UNDERSTOOD = "its description was not understood"
_FUNCTIONS = (
    *("SFUNC", "FINALFUNC", "COMBINEFUNC", "SERIALFUNC", "DESERIALFUNC", "MSFUNC", "MINVFUNC", "MFINALFUNC"),
    *("FUNCTION", "RESTRICT", "JOIN"),
)
_OPERATORS = ("SORTOP", "COMMUTATOR", "NEGATOR")
_OF_CLASS, _OF_FAMILY = " (operator class)", " (operator family)"
_CLASS = re.compile(
    rf"(?P<default>DEFAULT )?FOR TYPE (?P<type>{PIECE}+?) FAMILY (?P<family>{PATH})(?: STORAGE (?P<stored>.+))?"
)
_CONSTRUCTOR = re.compile(
    r"\n LANGUAGE internal(?:\n (?P<words>(?:(?!SET )[A-Z]+ ?)*)(?:COST (?P<cost>[\d.]+))?)?"
    rf"(?P<settings>(?:\n SET {PIECE}*?)*)\nAS "
)
_OF_ONE_TYPE = ("btree", "hash")  # access methods whose classes compare values of one type only


def function_statement(definition: str) -> str:
    """Return the statement that creates a function or procedure, or replaces it."""
    return f"{definition.removesuffix(CONSTRUCTOR).rstrip()};"


def constructor_statement(identity: str, definition: str) -> str:
    """Return the statement that changes a function that came with a range type; "" for a definition that is not understood.

    It cannot be replaced: it would no longer come and go with the type.
    """
    known = _CONSTRUCTOR.search(definition)
    if known is None:
        return ""
    words = known["words"]
    states = (
        next((word for word in ("IMMUTABLE", "STABLE") if word in words), "VOLATILE"),
        "STRICT" if "STRICT" in words else "CALLED ON NULL INPUT",
        f"SECURITY {'DEFINER' if 'SECURITY DEFINER' in words else 'INVOKER'}",
        "LEAKPROOF" if "LEAKPROOF" in words else "NOT LEAKPROOF",
        f"PARALLEL {next((word for word in ('SAFE', 'RESTRICTED') if f'PARALLEL {word}' in words), 'UNSAFE')}",
        f"COST {known['cost'] or 1} RESET ALL",
    )
    return f"ALTER FUNCTION {identity} {' '.join(states)}{known['settings'].replace(chr(10), '')};"


def _function(of: Object, side: Side) -> Made | Refused:
    definition = side.description(of) or ""
    if not definition.endswith(CONSTRUCTOR):
        return Made((function_statement(definition),))
    statement = constructor_statement(of.identity, definition)
    return Made((statement,)) if statement else Refused(_NOT_UNDERSTOOD)


def aggregate_statement(identity: str, known: Mapping[str, str | None]) -> str:
    """Return the statement that creates an aggregate."""
    given = {key: text for key, text in known.items() if text is not None and key.isupper()}
    given.setdefault("FINALFUNC_MODIFY", "READ_ONLY")  # the default depends on the aggregate's kind
    if "MSFUNC" in given:
        given.setdefault("MFINALFUNC_MODIFY", "READ_ONLY")
    clauses = [*_listed(given), *(["HYPOTHETICAL"] if known["kind"] == "HYPOTHETICAL-SET" else [])]
    return f"CREATE AGGREGATE {called(identity)}({known['arguments'] or '*'}) ({', '.join(clauses)});"


def _listed(given: Mapping[str, str]) -> Iterator[str]:
    for key, text in given.items():
        value = f"OPERATOR({called(text)})" if key in _OPERATORS else called(text) if key in _FUNCTIONS else text
        yield f"{key} = {value}" if value else key


def _aggregate(of: Object, side: Side) -> Made | Refused:
    known = aggregate_clauses(side.description(of) or "")
    return Made((aggregate_statement(of.identity, known),)) if known else Refused(_NOT_UNDERSTOOD)


def _operator(of: Object, side: Side) -> Made | Refused:
    told = side.description(of) or ""
    known = operator_clauses(told)
    if told.startswith("SHELL OPERATOR"):
        return Refused("it was only announced, as another operator's commutator or negator, and never made")
    operands = arguments_of(of.identity)
    if known is None or len(operands) != 2:  # noqa: PLR2004 (left and right)
        return Refused(_NOT_UNDERSTOOD)
    types = zip(("LEFTARG", "RIGHTARG"), operands, strict=True)
    sides = {key: type_ for key, type_ in types if type_ != "NONE"}
    given = {key: text for key, text in known.items() if text is not None and key != "RETURNS"} | sides
    return Made((f"CREATE OPERATOR {called(of.identity)} ({', '.join(_listed(given))});",))


def _operator_class(of: Object, side: Side) -> Made | Refused:
    """Create an operator class with the members of its family that it needs, or a family with those that no class brings."""
    family = family_name(of)
    if family:
        brought = brought_by_classes(of, side, _classes_of(family, side))
        more = [each for each in members_of(side.description(of) or "") if each not in brought]
        return Made((f"CREATE OPERATOR FAMILY {family};", *([adding(family, more)] if more else [])))
    known = _CLASS.fullmatch(side.description(of) or "")
    if known is None:
        return Refused(_NOT_UNDERSTOOD)
    name, method = of.identity.removesuffix(_OF_CLASS).rsplit(" USING ", 1)
    stored = [f"STORAGE {known['stored']}"] if known["stored"] else []
    items = [*_members(of, side), *stored] or [f"STORAGE {known['type']}"]
    head = (
        f"CREATE OPERATOR CLASS {name}{' DEFAULT' if known['default'] else ''} FOR TYPE {known['type']} USING {method}"
    )
    return Made((f"{head} FAMILY {known['family']} AS {', '.join(items)};",))


def family_name(of: Object) -> str:
    """Return the name of an operator family with its method, as ALTER OPERATOR FAMILY has it; "" of a class."""
    return of.identity.removesuffix(_OF_FAMILY) if of.identity.endswith(_OF_FAMILY) else ""


def adding(family: str, members: Iterable[str]) -> str:
    """Return the statement that adds members to an operator family."""
    return f"ALTER OPERATOR FAMILY {family} ADD {', '.join(members)};"


def brought_by_classes(of: Object, side: Side, classes: Iterable[Object]) -> set[str]:
    """Return the members of a family that come with these classes of it."""
    return {member for each in classes if each.facet == of.facet for member in _members(each, side)}


def _classes_of(family: str, side: Side) -> Iterator[Object]:
    for name in side.facts("operator_classes"):
        each = Object("operator_classes", name)
        if _family_of(each, side) == family:
            yield each


def _family_of(of: Object, side: Side) -> str:
    """Return the family of a class, with its method."""
    known = _CLASS.fullmatch(side.description(of) or "")
    return f"{known['family']} USING {of.identity.removesuffix(_OF_CLASS).rsplit(' USING ', 1)[1]}" if known else ""


def _members(of: Object, side: Side) -> Iterator[str]:
    """Yield what a class has of its family: what is about its own type."""
    known, family = _CLASS.fullmatch(side.description(of) or ""), _family_of(of, side)
    for member in members_of(side.facts("operator_classes").get(f"{family}{_OF_FAMILY}", "empty")):
        types = operands_of(member)
        if known and types[:1] == (known["type"],) and (types[1:] == types[:1] or not _is_strict(family)):
            yield member


def _is_strict(family: str) -> bool:
    return family.rsplit(" USING ", 1)[1] in _OF_ONE_TYPE


def _cast(of: Object, side: Side) -> Made | Refused:
    return Made((f"CREATE CAST {of.identity} {side.description(of)};",))


def _conversion(of: Object, side: Side) -> Made | Refused:
    told = side.description(of) or ""
    default = "DEFAULT " if told.startswith("DEFAULT ") else ""
    return Made((f"CREATE {default}CONVERSION {of.identity} {told.removeprefix('DEFAULT ')};",))


def _transform(of: Object, side: Side) -> Made | Refused:
    return Made((f"CREATE TRANSFORM {of.identity} ({side.description(of)});",))


CREATES: Mapping[str, Create] = {
    "functions": _function,
    "aggregates": _aggregate,
    "operators": _operator,
    "operator_classes": _operator_class,
    "casts": _cast,
    "conversions": _conversion,
    "transforms": _transform,
}
"""By facet."""
