"""A table without the defaults, or a domain without the checks, that need what needs it; and what adds these. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from rollproof.repair.clauses.tables import column_clauses
from rollproof.repair.clauses.types import domain_clauses
from rollproof.repair.creation.create import create
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side
from rollproof.repair.step import Made

Parts = tuple[tuple[str, ...], tuple[str, ...]]
"""Statements that create an object in part, and those that complete it."""


def apart(of: Object, side: Side, without: frozenset[Object]) -> Parts | None:
    """Return the statements that create an object `without` need of others, and those that complete it when they are there.

    None: where pg_dump has an entry of it, that is so apart already; or nothing of it can be left out.
    """
    facet = "columns" if of.facet == "tables" else of.facet
    given = {} if side.entries.of(of) else dict(_left_out(of, side, without))
    if not given:
        return None
    facts = {**side.facts(facet), **{name: text for name, (text, _) in given.items()}}
    made = create(of, replace(side, all_facts={**side.all_facts, facet: facts}))
    later = tuple(statement for _, statements in given.values() for statement in statements)
    return (made.statements, later) if isinstance(made, Made) else None


def _left_out(of: Object, side: Side, without: frozenset[Object]) -> Iterator[tuple[str, tuple[str, tuple[str, ...]]]]:
    """Yield the facts that are told otherwise, and the statements that make them what they are."""
    if of.facet == "tables":
        for name, text in side.parts(of.identity, "columns").items():
            known = column_clauses(text)
            if known and known.default and side.graph.all_needs(Object("columns", name)) & without:
                column = name.removeprefix(f"{of.identity}.")
                later = f"ALTER TABLE ONLY {of.identity} ALTER COLUMN {column} SET DEFAULT {known.default};"
                yield name, (text.replace(f" DEFAULT {known.default}", "", 1), (later,))
    elif of.facet == "types" and (domain := domain_clauses(side.description(of) or "")):
        text = side.description(of) or ""
        for name, check in domain.constraints.items():
            text = text.replace(f" CONSTRAINT {name} {check}", "", 1)
        checks = domain.constraints.items()
        added = tuple(f"ALTER DOMAIN {of.identity} ADD CONSTRAINT {name} {check};" for name, check in checks)
        yield of.identity, (text, added)
