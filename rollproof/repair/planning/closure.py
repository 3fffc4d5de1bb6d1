"""All of the subject that stands on objects which are to be dropped, and must be dropped or freed before. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rollproof.repair.alteration.alter import release
from rollproof.repair.clauses.tables import column_clauses, table_clauses
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides
from rollproof.repair.step import Refused, Released

HOLD_DATA = frozenset(
    ("tables", "columns", "sequences", "schemas", "extensions", "large_objects", "roles", "tablespaces", "database")
)
"""Facets whose objects are never dropped to be made again: what they hold would be lost."""


@dataclass
class Closure:
    """What must be dropped, each with the object that it stands on (None: for its own sake); what is freed, and of what."""

    dropped: dict[Object, Object | None] = field(default_factory=dict)
    released: dict[Object, Released] = field(default_factory=dict)
    causes: dict[Object, frozenset[Object]] = field(default_factory=dict)

    def free(self, of: Object, freed: Released, cause: Object) -> None:
        """Remember that an object is freed of one that is dropped, perhaps of one more."""
        known = self.released.get(of, Released((), ()))
        self.released[of] = Released(
            tuple(dict.fromkeys((*known.before, *freed.before))),
            tuple(dict.fromkeys((*known.after, *freed.after))),
            last=freed.last or known.last,
        )
        self.causes[of] = self.causes.get(of, frozenset()) | {cause}


def closure(roots: Iterable[Object], sides: Sides) -> Closure | Refused:
    """Return what must be dropped and freed before these objects can be dropped; or why that cannot be."""
    found = Closure()
    ahead: list[tuple[Object, Object | None]] = [(root, None) for root in roots]
    while ahead:
        each, on = ahead.pop()
        if each in found.dropped:
            continue
        if holds_values(each, sides):
            return Refused(f"{each} would have to be dropped, and what it holds would be lost")
        found.dropped[each] = on
        ahead += [(whole, on) for whole in sides.after.graph.within(each)]
        for dependent in sorted(_standing_on(each, sides)):
            if dependent.facet not in HOLD_DATA or each in sides.after.graph.within(dependent):
                ahead.append((dependent, each))
                continue
            freed = release(dependent, each, sides)
            if freed is None:
                return Refused(f"{dependent} stands on {each}, and cannot be dropped without losing what it holds")
            found.free(dependent, freed, each)
            ahead += [(one, dependent) for one in freed.in_the_way]
    return found


def holds_values(each: Object, sides: Sides) -> bool:
    """Tell whether a column or table of the subject has values that no definition gives back."""
    if each.facet == "columns":
        known = column_clauses(sides.after.description(each) or "")
        return known is None or not known.generated
    known_table = table_clauses(sides.after.description(each) or "") if each.facet == "tables" else None
    return each.facet == "tables" and (known_table is None or known_table.kind != "foreign table")


def _standing_on(each: Object, sides: Sides) -> Iterator[Object]:
    """Yield what stands on an object; of a view's column, what stands on that."""
    for dependent in sides.after.graph.dependents(each):
        if dependent.facet == "columns" and sides.after.has(Object("views", dependent.relation)):
            yield from (one for one in _standing_on(dependent, sides) if one.identity != dependent.relation)
        else:
            yield dependent
