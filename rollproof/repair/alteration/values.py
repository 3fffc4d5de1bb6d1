"""Statements that stop a script before it changes anything, where rows have values that a type did not have. Pure.

Each is a block that only reads. It is made for tables that may have rows.
"""

from collections.abc import Iterator

from rollproof.model.descriptions import type_of
from rollproof.model.names import tokens
from rollproof.repair.clauses.pieces import last_name
from rollproof.repair.clauses.types import DomainClauses, domain_clauses, labels_of, range_clauses
from rollproof.repair.clauses.wording import literal
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides

_VALUE, _TEXT = "held.value", "held.value::pg_catalog.text"


def columns_of(name: str, sides: Sides) -> Iterator[tuple[Object, bool]]:
    """Yield the columns of tables that have values of a type, where the table may have rows, and whether those are arrays."""
    held = {name, *_domains_over(name, sides)}
    tables = sides.after.facts("tables")
    for identity, told in sides.after.facts("columns").items():
        column, type_ = Object("columns", identity), type_of(told).partition(" COLLATE ")[0]
        if type_.rstrip("[]") in held and column.relation in tables and sides.has_rows(column.relation):
            yield column, type_.endswith("[]")


def _domains_over(name: str, sides: Sides) -> set[str]:
    """Return the domains whose values are those of a type."""
    known = {each: domain.type for each, told in sides.after.facts("types").items() if (domain := domain_clauses(told))}
    found = {name}
    while more := {each for each, type_ in known.items() if type_ in found} - found:
        found |= more
    return found - {name}


def holding(name: str, was: tuple[str, ...], now: tuple[str, ...], sides: Sides) -> Iterator[str]:
    """Yield what stops where rows hold labels that an enum did not have."""
    if going := [label for label in now if label not in was]:
        yield from _stopping(name, f"{_TEXT} IN ({', '.join(going)})", sides)


def unfit_for_constraints(name: str, was: DomainClauses, now: DomainClauses, sides: Sides) -> Iterator[str]:
    """Yield what stops where rows hold what a domain's constraints refuse that it gets back."""
    checks = {each: text for each, text in was.constraints.items() if now.constraints.get(each) != text}
    yield from (text for each in checks.values() for text in _stopping(name, _refused(each, _VALUE), sides))
    if was.not_null and not now.not_null:
        yield from _stopping(name, f"{_VALUE} IS NULL", sides)


def unfit(name: str, was: str, now: str, sides: Sides) -> Iterator[str] | str:
    """Return what stops where values are not the same, or none, of the type that it was; or why nobody can tell."""
    domain, labels = domain_clauses(was), labels_of(was)
    ranges = range_clauses(was), range_clauses(now)
    if not any(columns_of(name, sides)):
        return iter(())
    if labels is not None:
        return _stopping(name, f"{_TEXT} NOT IN ({', '.join(labels)})" if labels else f"{_VALUE} IS NOT NULL", sides)
    if domain:
        return _unfit_for_domain(name, domain, sides)
    if ranges[0] and ranges[1]:
        return _unfit_for_range(name, ranges[0]["SUBTYPE"], ranges[1]["SUBTYPE"], sides)
    return "rows have values of it, and no statement is certain to change these"


def _unfit_for_domain(name: str, domain: DomainClauses, sides: Sides) -> Iterator[str]:
    plain = f"({_TEXT}::{domain.type.partition(' COLLATE ')[0]})"
    yield from _stopping(name, f"{plain}::pg_catalog.text <> {_TEXT}", sides)
    for text in domain.constraints.values():
        yield from _stopping(name, _refused(text, plain), sides)
    if domain.not_null:
        yield from _stopping(name, f"{_VALUE} IS NULL", sides)


def _unfit_for_range(name: str, was: str, now: str, sides: Sides) -> Iterator[str]:
    if was != now:
        ends = [f"pg_catalog.{end}({_VALUE})::pg_catalog.text" for end in ("lower", "upper")]
        yield from _stopping(name, " OR ".join(f"{end}::{was}::pg_catalog.text <> {end}" for end in ends), sides)


def _refused(constraint: str, value: str) -> str:
    """Return the condition that a value breaks a domain's constraint."""
    if constraint == "NOT NULL":
        return f"{value} IS NULL"
    check = constraint.removeprefix("CHECK ").removesuffix(" NOT VALID")
    told = "".join(value if (kind, text.upper()) == ("word", "VALUE") else text for kind, text in tokens(check))
    return "false" if constraint.endswith(" NOT VALID") else f"NOT {told}"


def _stopping(name: str, condition: str, sides: Sides) -> Iterator[str]:
    for column, is_array in columns_of(name, sides):
        last = last_name(column.identity)
        value = f"pg_catalog.unnest({last})" if is_array else last
        rows = f"(SELECT {value} AS value FROM ONLY {column.relation}) AS held WHERE {condition}"
        hint = f"{column.identity} has values that {name} did not have: change them first: SELECT * FROM {rows}"
        yield (
            f"DO $rollproof$\nBEGIN\n    IF EXISTS (SELECT FROM {rows}) THEN\n"
            f"        RAISE EXCEPTION USING MESSAGE = {literal(hint)};\n    END IF;\nEND $rollproof$;"
        )
