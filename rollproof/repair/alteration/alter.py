"""Changes any object into what it was, or frees it of what is dropped. Pure."""

from collections.abc import Mapping

from rollproof.model.compare import Difference
from rollproof.repair.alteration import keys, relations, routines, rules, surroundings, tables, types
from rollproof.repair.alteration.release import RELEASES
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides
from rollproof.repair.step import Altered, Refused, Released

_ALTERS: Mapping[str, Alter] = {
    **tables.ALTERS,
    **keys.ALTERS,
    **relations.ALTERS,
    **types.ALTERS,
    **routines.ALTERS,
    **rules.ALTERS,
    **surroundings.ALTERS,
}


def alter(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Return the statements that undo a change of an object; None if it must be dropped and made again."""
    maker = _ALTERS.get(difference.facet)
    return maker(difference, sides) if maker else None


def release(of: Object, dropped: Object, sides: Sides) -> Released | None:
    """Return the statements around the drop of what an object needs, which is not dropped itself; None if there are none."""
    maker = RELEASES.get(of.facet)
    return maker(of, dropped, sides) if maker else None
