"""Names that something which is created needs, and that something else has. Pure.

Tables, views, sequences and indexes share the names of a schema; so do types, with the tables and views whose rows they are.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rollproof.model.names import names, schema_of
from rollproof.repair.objects import RELATIONS, Object
from rollproof.repair.sides import Side

_OF_RELATIONS = (*RELATIONS, "indexes")
_OF_TYPES = ("tables", "views", "types")
_LONGEST = 50  # letters of a name, so that there is room for more


@dataclass(frozen=True)
class Taken:
    """An object that is in the way of one that is created, by its name alone."""

    by: Object
    needed: Object


def taken(created: Iterable[Object], side: Side) -> Iterator[Taken]:
    """Yield what has the names that are needed for what is created."""
    known = _by_name(side)
    for each in created:
        for name in _names_of(each):
            yield from (Taken(other, each) for other in known.get(name, ()) if other != each or each.facet == "indexes")


def moved_aside(of: Object, side: Side) -> tuple[str, Object]:
    """Return the statement that gives an object another name, which nothing has; and what it is then."""
    path = names(of.identity)
    raw = path[-1].strip('"')[:_LONGEST]
    known = _by_name(side)
    tries = (f'"{raw}_rollproof{number}"' for number in ("", *range(2, 100)))
    name = next(
        each for each in tries if not any((kind, f"{path[0]}.{each}") in known for kind in ("relation", "type"))
    )
    kind = {"types": "TYPE", "indexes": "INDEX", "sequences": "SEQUENCE"}.get(of.facet, "TABLE")
    return f"ALTER {kind} {path[0]}.{path[-1]} RENAME TO {name};", Object(of.facet, f"{path[0]}.{name}")


def _by_name(side: Side) -> Mapping[tuple[str, str], list[Object]]:
    found: dict[tuple[str, str], list[Object]] = {}
    for facet in {*_OF_RELATIONS, *_OF_TYPES}:
        for identity in side.facts(facet):
            each = Object(facet, identity)
            for name in _names_of(each):
                found.setdefault(name, []).append(each)
    return found


def _names_of(of: Object) -> Iterator[tuple[str, str]]:
    if of.facet == "indexes":
        yield "relation", f"{schema_of(of.relation)}.{names(of.identity)[-1]}"
    elif of.facet in _OF_RELATIONS:
        yield "relation", of.identity
    if of.facet in _OF_TYPES:
        yield "type", of.identity
