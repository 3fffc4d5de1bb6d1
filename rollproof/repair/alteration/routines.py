"""Statements that change functions, procedures, aggregates, operators, casts and transforms into what they were. Pure."""

from collections.abc import Mapping

from rollproof.model.compare import Difference
from rollproof.repair.clauses.pieces import arguments_of, called
from rollproof.repair.clauses.routines import (
    CONSTRUCTOR,
    aggregate_clauses,
    members_of,
    operator_clauses,
    place_of,
    signature_of,
    usual_constructor,
)
from rollproof.repair.creation.routines import (
    adding,
    aggregate_statement,
    brought_by_classes,
    constructor_statement,
    family_name,
    function_statement,
)
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides
from rollproof.repair.step import Altered, Refused

_HEAD = ("kind", "arguments", "returns")
_LATE = 17_00_00  # ALTER OPERATOR knows commutator, negator, HASHES and MERGES
_LINKED = ("COMMUTATOR", "NEGATOR", "HASHES", "MERGES")


def _function(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    """Replace a function, if PostgreSQL takes that: what stands on it stays."""
    if (difference.after or "").endswith(CONSTRUCTOR):
        statement = constructor_statement(
            difference.identity, difference.before or usual_constructor(difference.after or "")
        )
        return Altered((statement,)) if statement else Refused("it came with its range type, and has another body now")
    if difference.before is None:
        return None
    was, now = signature_of(difference.before), signature_of(difference.after or "")
    if was is None or now is None:
        return None
    same = (was.kind, was.arguments, was.returns) == (now.kind, now.arguments, now.returns)
    if not same or not was.with_default >= now.with_default:
        return None
    return Altered((function_statement(difference.before),))


def _aggregate(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    was, now = aggregate_clauses(difference.before or ""), aggregate_clauses(difference.after or "")
    if was is None or now is None or any(was[part] != now[part] for part in _HEAD):
        return None
    statement = aggregate_statement(difference.identity, was)
    return Altered((statement.replace("CREATE AGGREGATE", "CREATE OR REPLACE AGGREGATE", 1),))


def _operator(difference: Difference, sides: Sides) -> Altered | Refused | None:
    was, now = operator_clauses(difference.before or ""), operator_clauses(difference.after or "")
    if was is None or now is None or was["FUNCTION"] is None:
        return None
    changed = {key for key in was if was[key] != now[key]}
    if changed - {"RESTRICT", "JOIN"} - (set(_LINKED) if sides.after.version >= _LATE else set()):
        return None
    if any(now[key] is not None for key in changed & set(_LINKED)):
        return None  # what an operator has of these stays with it
    names: list[tuple[str, str]] = [(key, called(was[key] or "NONE")) for key in ("RESTRICT", "JOIN") if key in changed]
    names += [(key, f"OPERATOR({called(was[key] or '')})") for key in ("COMMUTATOR", "NEGATOR") if key in changed]
    items = [*(f"{key} = {name}" for key, name in names), *sorted(changed & {"HASHES", "MERGES"})]
    operator = f"{called(difference.identity)} ({', '.join(arguments_of(difference.identity))})"
    return Altered((f"ALTER OPERATOR {operator} SET ({', '.join(items)});",))


def _operator_class(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Add to an operator family, and take away from it, what does not come and go with its classes."""
    of = Object("operator_classes", difference.identity)
    family = family_name(of)
    if not family or (difference.before is None and not family.startswith("pg_catalog.")):
        return None
    was, now = members_of(difference.before or "empty"), members_of(difference.after or "empty")
    own = [Object("operator_classes", name) for name in {**sides.before.facts(of.facet), **sides.after.facts(of.facet)}]
    brought = brought_by_classes(of, sides.before, (each for each in own if not sides.after.has(each)))
    taken = brought_by_classes(of, sides.after, (each for each in own if not sides.before.has(each)))
    more = [each for each in was if each not in now and each not in brought]
    less = [place_of(each) for each in now if each not in was and each not in taken]
    drop = f"ALTER OPERATOR FAMILY {family} DROP {', '.join(less)};"
    return Altered((*([drop] if less else []), *([adding(family, more)] if more else [])))


def _transform(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    if difference.before is None:
        return None
    return Altered((f"CREATE OR REPLACE TRANSFORM {difference.identity} ({difference.before});",))


ALTERS: Mapping[str, Alter] = {
    "functions": _function,
    "aggregates": _aggregate,
    "operators": _operator,
    "operator_classes": _operator_class,
    "transforms": _transform,
}
"""By facet."""
