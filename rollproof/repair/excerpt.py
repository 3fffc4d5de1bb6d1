"""What a plan does about one difference: its own steps, those that these need, and what goes and comes back with them. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rollproof.model.compare import Difference
from rollproof.repair.objects import Object
from rollproof.repair.plan import Plan
from rollproof.repair.step import Step

_PAIRED = {"drop", "release", "create", "restore", "attributes"}
Fact = tuple[str, str]


@dataclass(frozen=True)
class Excerpt:
    """Steps, each with its place in the plan; `first` are the differences that must be undone before."""

    steps: tuple[tuple[int, Step], ...] = ()
    first: tuple[Difference, ...] = ()


@dataclass(frozen=True, eq=False)
class Excerpts:
    """The parts of a plan, by difference."""

    plan: Plan

    def of(self, facet: str, identity: str) -> Excerpt:
        """Return what undoes the difference of a fact; nothing if no step does."""
        own = self._mending.get((facet, identity), ())
        taken: set[int] = set()
        needed: set[int] = set()
        ahead = list(own)
        while ahead:
            place = ahead.pop()
            if place not in taken:
                taken.add(place)
                earlier = self.plan.ordered.earlier[place]
                needed |= {each for each in earlier if self._steps[each].mends}
                ahead += [*(each for each in earlier if not self._steps[each].mends), *self._pairs(place)]
        first = {each for place in needed - taken for each in self._steps[place].mends}
        return Excerpt(tuple((place, self._steps[place]) for place in sorted(taken)), tuple(sorted(first, key=_order)))

    @property
    def _steps(self) -> tuple[Step, ...]:
        return self.plan.steps

    @cached_property
    def _mending(self) -> Mapping[Fact, list[int]]:
        found: dict[Fact, list[int]] = defaultdict(list)
        for place, step in enumerate(self._steps):
            for each in step.mends:
                found[each.facet, each.identity].append(place)
        return found

    @cached_property
    def _by_object(self) -> Mapping[Object, list[int]]:
        found: dict[Object, list[int]] = defaultdict(list)
        for place, step in enumerate(self._steps):
            if step.verb in _PAIRED and not step.optional:
                found[step.of].append(place)
        return found

    def _pairs(self, place: int) -> Iterator[int]:
        """Yield the other steps of an object that goes and comes back, and what gives it back what was attached to it."""
        step = self._steps[place]
        if step.verb in _PAIRED:
            yield from (other for other in self._by_object[step.of] if other != place)
        yield from self._attached.get(step.of, ())

    @cached_property
    def _attached(self) -> Mapping[Object, list[int]]:
        """By the object that was created: the steps that give attributes to what it brought."""
        found: dict[Object, list[int]] = defaultdict(list)
        for place, step in enumerate(self._steps):
            if step.verb == "attributes" and not step.mends:
                for created in step.after:
                    found[created].append(place)
        return found


def _order(difference: Difference) -> tuple[str, str]:
    return difference.facet, difference.identity
