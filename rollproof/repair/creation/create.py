"""Creates any object: by the statements of pg_dump's entry, where there is one, else from the facts. Pure.

What joins an object to another, that was there or is made as well, is not among them: `attributes/joins` has it.
"""

from collections.abc import Mapping

from rollproof.repair.creation import keys, relations, routines, rules, surroundings, tables, types
from rollproof.repair.creation.entries import from_entry
from rollproof.repair.creation.implied import comes_with_another
from rollproof.repair.makers import Create
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side
from rollproof.repair.step import Made, Refused

_CREATES: Mapping[str, Create] = {
    **tables.CREATES,
    **keys.CREATES,
    **relations.CREATES,
    **types.CREATES,
    **routines.CREATES,
    **rules.CREATES,
    **surroundings.CREATES,
}


def create(of: Object, side: Side) -> Made | Refused:
    """Return the statements that create an object as one side has it, and what comes with it."""
    if comes_with_another(of, side):
        return Made(())
    if made := from_entry(of, side):
        return made
    maker = _CREATES.get(of.facet)
    return maker(of, side) if maker else Refused("rollproof knows no statement that creates it")
