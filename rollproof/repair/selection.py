"""Which differences are repaired where only some objects are asked for: theirs, their parts', and what they need. Pure."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from rollproof.model.compare import Difference
from rollproof.model.facets import facets_where
from rollproof.model.names import respelled, typed
from rollproof.repair.attributes.joins import column_of_sequence
from rollproof.repair.objects import Object, is_attached
from rollproof.repair.sides import Side, Sides

_OBJECTS = facets_where(lambda row: row.kinds)
_SHAPES = ("columns", "types")  # whatever needs one of these needs it as it was
_KIND = re.compile(r" \([a-z -]+\)\Z")


class Selection:
    """The objects that `names` mean, on both sides: `schema.table`, with all its parts; any identity; a star is any text."""

    def __init__(self, names: Iterable[str], sides: Sides) -> None:
        self._sides = sides
        spelled = {
            name: {typed(name), respelled(name)} for name in names
        }  # `json*` may mean json alone, or json_events
        self._patterns = {
            name: re.compile("|".join(re.escape(each).replace(r"\*", ".*") for each in sorted(texts)), re.DOTALL)
            for name, texts in spelled.items()
        }

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names that mean nothing, neither as it was nor as it is."""
        every = [called for of in self._every for called in self._called(of)]
        every += [name for side in self._both for facts in side.all_facts.values() for name in facts]
        return tuple(name for name, known in self._patterns.items() if not any(map(known.fullmatch, every)))

    def means(self, of: Object) -> bool:
        """Tell whether an object is meant, or one that it is a part of."""
        return any(known.fullmatch(called) for known in self._patterns.values() for called in self._called(of))

    def among(self, differences: Iterable[Difference]) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
        """Return the differences of what is meant, and those of other objects that it needs."""
        every = [(each, self._of(each)) for each in differences]
        chosen = {each for each, of in every if of & self._meant or self._is_called(each)}
        needed = {one for each, of in every if each in chosen for own in of for one in self._needed(own)}
        more = [each for each, of in every if each not in chosen and _must_come(each) and of & needed]
        return tuple(each for each, _ in every if each in chosen), tuple(more)

    @cached_property
    def _every(self) -> frozenset[Object]:
        return frozenset(Object(facet, name) for side in self._both for facet in _OBJECTS for name in side.facts(facet))

    @cached_property
    def _meant(self) -> frozenset[Object]:
        return frozenset(filter(self.means, self._every))

    @property
    def _both(self) -> tuple[Side, Side]:
        return self._sides.before, self._sides.after

    def _of(self, each: Difference) -> frozenset[Object]:
        return frozenset(side.object_of(each.facet, each.identity) for side in self._both)

    def _is_called(self, each: Difference) -> bool:
        return any(known.fullmatch(each.identity) for known in self._patterns.values())

    def _needed(self, of: Object) -> frozenset[Object]:
        return self._sides.before.graph.all_needs(of)

    def _called(self, of: Object) -> Iterator[str]:
        """Yield the names by which an object may be meant."""
        yield of.identity
        yield str(of)
        yield _KIND.sub("", of.identity)
        if of.facet in ("functions", "aggregates"):
            yield of.identity.partition("(")[0]
        if of.relation:
            yield of.relation
        for side in self._both:
            if column := column_of_sequence(of, side):
                yield column.relation
            yield from (whole.relation for whole in side.graph.within(of) if of.facet == "sequences")


def _must_come(each: Difference) -> bool:
    if is_attached(each.facet, each.identity):
        return False
    return each.after is None or (each.facet in _SHAPES and each.before is not None)
