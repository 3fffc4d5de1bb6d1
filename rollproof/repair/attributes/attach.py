"""What is attached to an object: given back after it was made again, or changed back. Pure."""

from collections.abc import Mapping

from rollproof.model.compare import Difference
from rollproof.repair.attributes import (
    access,
    default_privileges,
    joins,
    large_objects,
    members,
    roles,
    state,
    tables,
    texts,
)
from rollproof.repair.makers import Alter, Attach
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides
from rollproof.repair.step import Altered, Refused

_MODULES = (joins, roles, members, state, texts)
_CHANGES: Mapping[str, Alter] = {
    **access.CHANGES,
    **default_privileges.CHANGES,
    **large_objects.CHANGES,
    **roles.CHANGES,
    **members.CHANGES,
    **tables.CHANGES,
    **state.CHANGES,
    **texts.CHANGES,
}
_ATTACHES: tuple[Attach, ...] = tuple(each for module in _MODULES for each in module.ATTACHES.values())
_BY_CREATE = ("column_order", "foreign_tables", "inheritance")
GIVEN = frozenset((*_BY_CREATE, "owners", "privileges", *(facet for module in _MODULES for facet in module.ATTACHES)))
"""The facets of which an object has all once it was created, and `attach` gave it what it gives."""


def attach(of: Object, sides: Sides) -> tuple[str, ...]:
    """Return the statements that give an object, which was just created, all that was attached to it: the owner first."""
    more = (statement for maker in _ATTACHES for statement in maker(of, sides.before))
    return (*access.attach(of, sides), *more)


def change(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Return the statements that undo a change of what is attached to an object; None if this facet has none."""
    maker = _CHANGES.get(difference.facet)
    return maker(difference, sides) if maker else None
