"""Steps in an order in which they can be run, in transactions as small as is safe. Pure."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rollproof.model.facets import facets
from rollproof.repair.dependencies import Graph
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides
from rollproof.repair.step import Step

Unit = tuple[Step, ...]
_PLACE = {facet: place for place, facet in enumerate(facets())}  # in which objects can be dropped
_VERBS = {"prepare": 0, "release": 1, "drop": 2, "alter": 3, "create": 3, "restore": 3, "rows": 4, "attributes": 5}
_AWAY = ("release", "drop")
_BACK = ("alter", "create", "restore")
_BEFORE_ROWS = ("tables", "columns", "types", "sequences")  # rows are put in before all else of a table


@dataclass(frozen=True)
class Ordered:
    """Units of steps, each a transaction that needs no other one, in their order.

    `earlier` holds for each step, by its place among all, the places of those that must be done before it.
    """

    units: tuple[Unit, ...] = ()
    earlier: tuple[frozenset[int], ...] = ()


def in_order(steps: Iterable[Step], sides: Sides) -> Ordered:
    """Return the steps in an order in which they can be run."""
    given = tuple(steps)
    edges = _Edges(given, sides).all()
    units = _units(given, edges, _sorted(given, edges))
    place_of = {given_place: place for place, given_place in enumerate(place for unit in units for place in unit)}
    earlier: list[set[int]] = [set() for _ in given]
    for first, later in edges.items():
        for second in later:
            earlier[place_of[second]].add(place_of[first])
    return Ordered(tuple(tuple(given[place] for place in unit) for unit in units), tuple(map(frozenset, earlier)))


class _Edges:
    """Which step must come before which: places in the given sequence, earlier → later."""

    def __init__(self, steps: Sequence[Step], sides: Sides) -> None:
        self._steps = steps
        self._sides = sides
        self._edges: dict[int, set[int]] = defaultdict(set)
        self._places: dict[Object, list[int]] = defaultdict(list)
        for place, step in enumerate(steps):
            self._places[step.of].append(place)

    def all(self) -> Mapping[int, set[int]]:
        """Return all of them."""
        for place, step in enumerate(self._steps):
            if step.verb in _AWAY:
                self._of_what_goes(place, step)
            elif step.verb in _BACK:
                self._needed(place, self._sides.before.graph, step)
            elif step.verb == "attributes":
                self._edge(self._where(step.of, (*_BACK, "rows")), [place])
            elif step.verb == "rows":
                self._of_rows(place, step)
            for each in step.after:
                self._edge([other for other in self._places.get(each, ()) if other != place], [place])
        return self._edges

    def _of_what_goes(self, place: int, step: Step) -> None:
        """What needs it goes first; it is gone before it, or what it needed, is changed."""
        graph = self._sides.after.graph
        for each in graph.all_dependents(step.of):
            self._edge(self._where(each, _AWAY), [place])
        self._edge([place], self._where(step.of, _BACK))
        for each in graph.all_needs(step.of):
            self._edge([place], self._where(each, ("alter",)))

    def _needed(self, place: int, graph: Graph, step: Step) -> None:
        for each in graph.all_needs(step.of):
            self._edge(self._where(each, _BACK), [place])

    def _of_rows(self, place: int, step: Step) -> None:
        for other, each in enumerate(self._steps):
            if each.verb in _BACK and each.of.relation == step.of.identity:
                early = each.of.facet in _BEFORE_ROWS
                self._edge(*(([other], [place]) if early else ([place], [other])))

    def _where(self, of: Object, verbs: Iterable[str]) -> list[int]:
        return [place for place in self._places.get(of, ()) if self._steps[place].verb in verbs]

    def _edge(self, earlier: Iterable[int], later: Iterable[int]) -> None:
        for first in earlier:
            self._edges[first].update(second for second in later if second != first)


def _rank(step: Step) -> tuple[int, int, str]:
    place = _PLACE.get(step.of.facet, len(_PLACE))
    return _VERBS[step.verb], place if step.verb in _AWAY else -place, step.of.identity


def _sorted(steps: Sequence[Step], edges: Mapping[int, set[int]]) -> list[int]:
    """Return the places in an order that keeps the edges; of a circle, the step of the lowest rank goes first."""
    waits = dict.fromkeys(range(len(steps)), 0)
    for later in edges.values():
        for place in later:
            waits[place] += 1
    ready = [(_rank(steps[place]), place) for place, count in waits.items() if not count]
    heapq.heapify(ready)
    ordered: list[int] = []
    while waits:
        if not ready:
            ready.append(min((_rank(steps[place]), place) for place in waits))
        _, place = heapq.heappop(ready)
        if waits.pop(place, None) is None:
            continue
        ordered.append(place)
        for other in edges.get(place, ()):
            if other in waits:
                waits[other] -= 1
                if not waits[other]:
                    heapq.heappush(ready, (_rank(steps[other]), other))
    return ordered


def _units(steps: Sequence[Step], edges: Mapping[int, set[int]], ordered: Iterable[int]) -> list[list[int]]:
    """Return the places in groups: what is joined by an edge, or is of one table, belongs together; `prepare` goes first."""
    head = list(range(len(steps)))

    def of(place: int) -> int:
        while head[place] != place:
            head[place] = head[head[place]]
            place = head[place]
        return place

    first: dict[str, int] = {}
    for place, step in enumerate(steps):
        for other in edges.get(place, ()):
            head[of(place)] = of(other)
        if step.of.relation:
            head[of(place)] = of(first.setdefault(step.of.relation, place))
    units: dict[tuple[bool, int], list[int]] = {}
    for place in ordered:
        prepares = steps[place].verb == "prepare"
        units.setdefault((not prepares, place if prepares else of(place)), []).append(place)
    return [units[key] for key in sorted(units, key=lambda key: key[0])]
