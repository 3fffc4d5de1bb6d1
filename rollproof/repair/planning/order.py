"""Steps in an order in which they can be run, in transactions as small as is safe. Pure."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from rollproof.model.facets import facets, traits
from rollproof.model.names import schema_of, table_of
from rollproof.repair.attributes.joins import column_of_sequence
from rollproof.repair.objects import Object
from rollproof.repair.partitioning import partition, partitions, whole_of_index
from rollproof.repair.planning.circles import Ignored, opened
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Step, Verb

Unit = tuple[Step, ...]
_PLACE = {facet: place for place, facet in enumerate(facets())}  # in which objects can be dropped
_PARTS: tuple[tuple[Verb, ...], ...] = (
    *(("rename",), ("prepare",), ("release",), ("drop",)),
    *(("alter", "create", "restore"), ("rows",), ("attributes",), ("last",)),
)
_VERBS = {verb: place for place, verbs in enumerate(_PARTS) for verb in verbs}
_MOST_KINDS = 10  # of a facet
_AWAY = ("release", "drop")
_BACK = ("alter", "create", "restore")
_KEYS = ("constraints", "indexes")
_OF_THE_SERVER = ("roles", "tablespaces")
_AMONG_OTHERS = 2
_AS_ANOTHER = "SET LOCAL ROLE "
_BEFORE_ROWS = ("tables", "columns", "types", "sequences")  # rows are put in before all else of a table


@dataclass(frozen=True)
class Ordered:
    """Units of steps, each a transaction that needs no other one, in their order.

    `earlier` holds for each step, by its place among all, the places of those that must be done before it.
    """

    units: tuple[Unit, ...] = ()
    earlier: tuple[frozenset[int], ...] = ()


def in_order(steps: Iterable[Step], sides: Sides, at_once: int = 0) -> Ordered:
    """Return the steps in an order in which they can be run.

    A transaction is as small as is safe; or it has so many steps `at_once`, where nobody works and event triggers come last.
    """
    given = list(steps)
    edges = _Edges(given, sides).all()
    if mutual := _mutual(given, edges):
        given, ignored = opened(given, mutual, sides.before)
        edges = _Edges(given, sides, ignored).all()
    ordered = _sorted(given, edges)
    units = _portions(given, ordered, at_once) if at_once else _units(given, edges, ordered)
    place_of = {given_place: place for place, given_place in enumerate(place for unit in units for place in unit)}
    earlier: list[set[int]] = [set() for _ in given]
    for first, later in edges.items():
        for second in later:
            earlier[place_of[second]].add(place_of[first])
    return Ordered(tuple(tuple(given[place] for place in unit) for unit in units), tuple(map(frozenset, earlier)))


class _Edges:
    """Which step must come before which: places in the given sequence, earlier → later."""

    def __init__(self, steps: Sequence[Step], sides: Sides, ignored: Ignored = MappingProxyType({})) -> None:
        self._steps = steps
        self._sides = sides
        self._ignored = ignored
        self._edges: dict[int, set[int]] = defaultdict(set)
        self._places: dict[Object, list[int]] = defaultdict(list)
        self._keys: dict[str, list[int]] = defaultdict(list)  # by table
        for place, step in enumerate(steps):
            for each in (step.of, *step.brings):
                self._places[each].append(place)
                if _is_key(each, sides.before):
                    self._keys[each.relation].append(place)

    def all(self) -> Mapping[int, set[int]]:
        """Return all of them."""
        for place, step in enumerate(self._steps):
            if step.verb in _AWAY:
                self._of_what_goes(place, step)
            elif step.verb in _BACK:
                self._needed(place, step)
                self._of_keys(place, step)
            elif step.verb == "attributes":
                self._edge(self._where(step.of, (*_BACK, "rows")), [place])
                self._of_joins(place, step)
                self._of_grantors(place, step)
            elif step.verb == "rows":
                self._of_rows(place, step)
            for each in step.around:
                self._edge(self._where(each, _AWAY), [place])
                self._edge([place], self._where(each, _BACK))
            for each in step.after:
                self._edge([other for other in self._places.get(each, ()) if other != place], [place])
        return self._edges

    def _of_what_goes(self, place: int, step: Step) -> None:
        """What needs it goes first; it is gone before it, or what it needed, is changed."""
        graph = self._sides.after.graph
        for each in graph.all_dependents(step.of):
            self._edge(self._where(each, _AWAY), [place])
        if not self._sides.before.has(step.of):  # what needs it, and stays, is what it was again before
            for each in graph.dependents(step.of):
                self._edge(self._where(each, ("alter",)), [place])
        moving = [other for other in self._where(step.of, ("alter",)) if self._moves(other, step.of)]
        self._edge(moving, [place])  # a column that is made again at the end has its own type and default until then
        later = [self._where(step.of, _BACK), *(self._where(each, ("alter",)) for each in graph.all_needs(step.of))]
        for places in later:
            self._edge([place], [other for other in places if other not in moving])

    def _moves(self, place: int, of: Object) -> bool:
        """Tell whether a step makes a column again that is there."""
        step = self._steps[place]
        return step.of != of and of in step.brings and self._sides.after.has(of)

    def _needed(self, place: int, step: Step) -> None:
        brought = [each for each in step.brings if not self._moves(place, each)]
        theirs = {Object("tables", each.relation) for each in step.brings if each.relation != step.of.relation}
        for each in _needs((step.of, *brought), self._sides.before, self._ignored.get(step.of, frozenset())):
            # A column that comes to an heir with its parent's comes before the heir's columns are put in order.
            self._edge(self._where(each, ("create",) if each in theirs else _BACK), [place])
        whole = partition(step.of.relation, self._sides.before) if not step.statements else None
        if whole:  # it comes with that of its whole
            part = whole.whole + step.of.identity.removeprefix(step.of.relation)
            self._edge(self._where(Object(step.of.facet, part), _BACK), [place])

    def _of_keys(self, place: int, step: Step) -> None:
        """A key or an index comes after the partitions of its table have joined it; a foreign key after their indexes have, too."""
        before, tables = self._sides.before, {step.of.relation}
        if step.of.facet not in _KEYS:
            return
        if foreign := _is_foreign(step.of, before):
            tables |= {each.relation for each in before.graph.needs(step.of)}
        for part in (part for table in tables for part in partitions(table, before)):
            self._edge(self._where(Object("tables", part), ("attributes",)), [place])
            if foreign:
                self._edge(self._of_indexes(part, "attributes"), [place])

    def _of_joins(self, place: int, step: Step) -> None:
        """A partition joins with its keys; they and its triggers after it; a sequence when its column has an owner."""
        before, table = self._sides.before, Object("tables", step.of.relation)
        if step.of == table and (known := partition(step.of.identity, before)):
            self._edge(self._where(Object("tables", known.whole), _BACK), [place])
            self._edge(self._of_indexes(step.of.identity, "create"), [place])
        elif whole := whole_of_index(step.of, before):
            self._edge(self._where(whole, _BACK), [place])
            self._edge(self._where(table, ("attributes",)), [place])
        elif step.of.facet == "triggers":
            self._edge(self._where(table, ("attributes",)), [place])
        elif column := column_of_sequence(step.of, before):
            self._edge(self._where(column, _BACK), [place])
            self._edge(self._where(Object("tables", column.relation), (*_BACK, "attributes")), [place])

    def _of_grantors(self, place: int, step: Step) -> None:
        """Whoever else grants must be let into the schema before."""
        if any(_AS_ANOTHER in statement for statement in step.statements):
            path = step.of.relation or table_of(step.of.identity.partition("(")[0])
            if path:  # a language, a server and the like lie in no schema
                self._edge(self._where(Object("schemas", schema_of(path)), ("attributes",)), [place])

    def _of_indexes(self, table: str, verb: Verb) -> list[int]:
        return [place for place in self._keys[table] if self._steps[place].verb == verb]

    def _of_rows(self, place: int, step: Step) -> None:
        tables = {step.of.identity, *(each.identity for each in step.mends)}
        for other, each in enumerate(self._steps):
            if each.verb in (*_BACK, *_AWAY) and each.of.relation in tables and not each.optional:
                early = each.verb in _AWAY or each.of.facet in _BEFORE_ROWS
                self._edge(*(([other], [place]) if early else ([place], [other])))

    def _where(self, of: Object, verbs: Iterable[str]) -> list[int]:
        return [place for place in self._places.get(of, ()) if self._steps[place].verb in verbs]

    def _edge(self, earlier: Iterable[int], later: Iterable[int]) -> None:
        for first in earlier:
            self._edges[first].update(second for second in later if second != first)


def _mutual(steps: Sequence[Step], edges: Mapping[int, set[int]]) -> dict[int, set[int]]:
    """Return of each step that creates, and that another such step waits for and is waited for by, the others."""
    creates = {place for place, step in enumerate(steps) if step.verb == "create"}
    found = {
        place: {other for other in edges.get(place, set()) & creates if place in edges.get(other, ())}
        for place in creates
    }
    return {place: others for place, others in found.items() if others}


def _is_key(of: Object, side: Side) -> bool:
    told = (side.description(of) or "") if of.facet == "constraints" else ""
    return of.facet in _KEYS and not told.startswith(("FOREIGN KEY", "CHECK"))


def _is_foreign(of: Object, side: Side) -> bool:
    return of.facet == "constraints" and (side.description(of) or "").startswith("FOREIGN KEY")


def _needs(made: Iterable[Object], side: Side, ignored: frozenset[Object]) -> set[Object]:
    """Return all that must be there before objects can be made; not the keys of the whole: they join those of its partitions."""
    found: set[Object] = set()
    ahead = list(made)
    while ahead:
        each = ahead.pop()
        needed = side.graph.needs(each) - ignored
        if each.facet in _KEYS:
            needed -= {
                whole for whole in side.graph.within(each) if whole.facet in _KEYS and whole.relation != each.relation
            }
        ahead += needed - found
        found |= needed
    return found - {*made}


def _rank(step: Step) -> tuple[int, int, str]:
    sign = 1 if step.verb in _AWAY else -1
    kinds = [kind for kind in traits(step.of.facet).kinds if kind.in_identity]
    within = next((at for at, kind in enumerate(kinds) if kind.fits(step.of.identity, "")), 0)
    place = _PLACE.get(step.of.facet, len(_PLACE))
    return _VERBS[step.verb], sign * (place * _MOST_KINDS + within), step.of.identity


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


def _portions(steps: Sequence[Step], ordered: Iterable[int], at_once: int) -> list[list[int]]:
    row = sorted(ordered, key=lambda place: steps[place].of.facet == "event_triggers")
    return [row[at : at + at_once] for at in range(0, len(row), at_once)]


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
    units: dict[tuple[int, int], list[int]] = {}
    for place in ordered:
        part = _part(steps[place])
        units.setdefault((part, of(place) if part == _AMONG_OTHERS else place), []).append(place)
    return [units[key] for key in sorted(units, key=lambda key: key[0])]


def _part(step: Step) -> int:
    """Return in which part of the script a step is: what many others need without a dependency that says so goes first, or last."""
    if step.verb == "rename" or (step.verb == "create" and step.of.facet in _OF_THE_SERVER):
        return 0
    if step.verb == "prepare":
        return 1
    if step.verb == "last":
        return _AMONG_OTHERS + 2
    return _AMONG_OTHERS + (step.verb == "drop" and step.of.facet in _OF_THE_SERVER)
