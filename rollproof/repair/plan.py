"""From differences to a plan: what is created, altered, or dropped and made again, with all that stands on it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from rollproof.model.compare import Difference
from rollproof.model.drops import drop_statement, kind_of, named
from rollproof.repair.alteration.alter import alter, release
from rollproof.repair.attributes.attach import attach, change
from rollproof.repair.creation.create import create
from rollproof.repair.objects import Object, is_attached
from rollproof.repair.order import Ordered, Unit, in_order
from rollproof.repair.sides import Sides
from rollproof.repair.step import Altered, Made, Refused, Released, Step, Unmended, Verb

LEFT_BEHIND = "left behind: nothing of it was there before"
_HOLD_DATA = (
    "tables",
    "columns",
    "sequences",
    "schemas",
    "extensions",
    "large_objects",
    "roles",
    "tablespaces",
    "database",
)
_IN_THE_WAY = "it stands on {0}, which is made again"


@dataclass(frozen=True)
class Plan:
    """What puts the differences right: units of steps, each a transaction, in their order; and what none mends, with reasons."""

    ordered: Ordered = field(default_factory=Ordered)
    unmended: tuple[Unmended, ...] = ()

    @property
    def units(self) -> tuple[Unit, ...]:
        """The steps in transactions."""
        return self.ordered.units

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in their order."""
        return tuple(step for unit in self.units for step in unit)


def plan(sides: Sides, differences: Iterable[Difference], more: Iterable[Step] = ()) -> Plan:
    """Return the steps that undo the differences of definitions; `more` are steps of other kinds, to be put among them."""
    planner = _Planner(sides, differences)
    planner.run()
    return Plan(in_order([*planner.steps.values(), *more], sides), tuple(planner.unmended))


class _Planner:
    """Collects steps, each verb once for an object."""

    def __init__(self, sides: Sides, differences: Iterable[Difference]) -> None:
        self.sides = sides
        self.steps: dict[tuple[Verb, Object], Step] = {}
        self.unmended: list[Unmended] = []
        self._objects: dict[Object, Difference] = {}
        self._attached: list[Difference] = []
        self._brought: set[Object] = set()
        for each in differences:
            self._sort_in(each)

    def _sort_in(self, each: Difference) -> None:
        of = self._object(each.facet, each.identity)
        if is_attached(each.facet, each.identity):
            self._attached.append(each)
        elif of.facet == each.facet:
            self._objects[of] = each
        else:  # a column of a view, which is part of its query
            self._objects.setdefault(
                of,
                Difference(of.facet, of.identity, self.sides.before.description(of), self.sides.after.description(of)),
            )

    def _object(self, facet: str, identity: str) -> Object:
        for side in (self.sides.before, self.sides.after):
            of = side.object_of(facet, identity)
            if of.facet == "columns" and side.has(view := Object("views", of.relation)):
                return view
            if side.has(of):
                return of
        return self.sides.before.object_of(facet, identity)

    def run(self) -> None:
        """Collect the steps for all differences."""
        missing = {of: each for of, each in self._objects.items() if each.after is None}
        self._create_missing(missing)
        for of, each in self._objects.items():
            if each.before is not None and each.after is not None and of not in self._made:
                self._change(of, each)
        for of, each in self._objects.items():
            if each.before is None and ("drop", of) not in self.steps:
                self._leave_behind(of, each)
        for each in self._attached:
            self._attach(each)
        self._clear_names()

    @property
    def _made(self) -> set[Object]:
        return self._brought | {of for verb, of in self.steps if verb == "create"}

    def _create_missing(self, missing: Mapping[Object, Difference]) -> None:
        made = {of: create(of, self.sides.before) for of in missing}
        brought = {each for one in made.values() if isinstance(one, Made) for each in one.brings}
        for of, one in made.items():
            if isinstance(one, Refused) and of not in brought:
                self.unmended.append(Unmended(missing[of], one.reason))
            elif isinstance(one, Made) and of not in brought:
                self._add_made(of, one, "")

    def _add_made(self, of: Object, made: Made, because: str) -> None:
        everything = [of, *sorted(made.brings)]
        self._brought |= made.brings
        mended = tuple(self._objects[each] for each in everything if each in self._objects)
        self._add(Step("create", of, made.statements, mended, because))
        for each in everything:
            if given := attach(each, self.sides.before):
                self._add(Step("attributes", each, given, after=frozenset([of])))

    def _change(self, of: Object, difference: Difference) -> None:
        answer = alter(difference, self.sides)
        if isinstance(answer, Refused):
            self.unmended.append(Unmended(difference, answer.reason))
        elif answer is None:
            self._make_again(of, difference)
        else:
            self._altered(of, difference, answer)

    def _make_again(self, of: Object, difference: Difference) -> None:
        if of.facet in _HOLD_DATA:
            self.unmended.append(
                Unmended(difference, "rollproof knows no ALTER for it, and to drop it would lose what it holds")
            )
        elif reason := self._replace([of]):
            self.unmended.append(Unmended(difference, reason))

    def _altered(self, of: Object, difference: Difference, answer: Altered) -> None:
        if answer.in_the_way and (reason := self._replace(answer.in_the_way, of)):
            self.unmended.append(Unmended(difference, reason))
            return
        if answer.prepare:
            self._add(Step("prepare", of, answer.prepare))
        if answer.statements:
            self._add(Step("alter", of, answer.statements, (difference,)))
        if answer.last:
            self._add(Step("attributes", of, answer.last, (difference,)))
        if answer.left:
            self.unmended.append(Unmended(difference, answer.left))

    def _replace(self, roots: Iterable[Object], under: Object | None = None) -> str:
        """Drop objects with all that stands on them, and make them again as they were; return why not, if not."""
        found = _Closure(self.sides).of(roots)
        if isinstance(found, Refused):
            return found.reason
        made = {of: create(of, self.sides.before) for of in found.dropped if self.sides.before.has(of)}
        for of, one in made.items():
            if isinstance(one, Refused):
                return f"{of} would have to be made again: {one.reason}"
        for of, cause in found.dropped.items():
            on = cause or under
            self._drop(of, _IN_THE_WAY.format(on) if on else "")
        brought = {each for one in made.values() if isinstance(one, Made) for each in one.brings}
        for of, one in made.items():
            if isinstance(one, Made) and of not in brought:
                on = found.dropped[of] or under
                self._add_made(of, one, _IN_THE_WAY.format(on) if on else "")
        for of, freed in found.released.items():
            self._add(Step("release", of, freed.before, because=_IN_THE_WAY.format(found.causes[of])))
            self._add(Step("restore", of, freed.after, after=frozenset([found.causes[of]])))
        return ""

    def _drop(self, of: Object, because: str) -> None:
        """Drop an object for real: it is made again, or was left behind and stands in the way."""
        after = self.sides.after
        if any(each in self._dropping(of) for each in after.graph.within(of)):
            return  # it goes with what it is within
        if statement := self._drop_statement(of):
            mends = (self._objects[of],) if of in self._objects and not self.sides.before.has(of) else ()
            self._add(Step("drop", of, (statement,), mends, because))

    def _dropping(self, of: Object) -> set[Object]:
        return {each for verb, each in self.steps if verb == "drop" and each != of}

    def _drop_statement(self, of: Object) -> str:
        description = self.sides.after.description(of) or ""
        kind = kind_of(of.facet, of.identity, description)
        return drop_statement(kind, named(kind, of.identity)) if kind else ""

    def _leave_behind(self, of: Object, each: Difference) -> None:
        answer = alter(each, self.sides)
        if isinstance(answer, Altered):
            self._altered(of, each, answer)
        elif isinstance(answer, Refused):
            self.unmended.append(Unmended(each, answer.reason))
        elif any(self._goes_with(of, other) for other in self._objects):
            pass
        elif statement := self._drop_statement(of):
            self._add(Step("drop", of, (statement,), (each,), optional=LEFT_BEHIND))
        else:
            self.unmended.append(Unmended(each, "rollproof knows no statement that removes it"))

    def _goes_with(self, of: Object, other: Object) -> bool:
        """Tell whether an object goes when another one that was left behind is dropped."""
        if other == of or self._objects[other].before is not None:
            return False
        graph = self.sides.after.graph
        return other in graph.within(of) or (other.facet in ("tables", "views") and of.relation == other.identity)

    def _attach(self, each: Difference) -> None:
        of = self._object(each.facet, each.identity)
        if ("create", of) in self.steps or of in self._brought:
            return  # it is given all that was attached to it
        if each.before is None and self._goes_anyway(of):
            return
        answer = change(each, self.sides)
        if isinstance(answer, Altered):
            self._add(Step("attributes", of, (*answer.statements, *answer.last), (each,)))
            if answer.left:
                self.unmended.append(Unmended(each, answer.left))
        else:
            self.unmended.append(
                Unmended(each, answer.reason if answer else "rollproof knows no statement that mends it")
            )

    def _goes_anyway(self, of: Object) -> bool:
        """Tell whether an object is among what was left behind, to be dropped by whoever reads the script."""
        left = [step.of for step in self.steps.values() if step.optional]
        return of in left or any(self._goes_with(of, each) for each in left)

    def _clear_names(self) -> None:
        """Drop for real what was left behind under a name that is needed."""

    def _add(self, step: Step) -> None:
        known = self.steps.get((step.verb, step.of))
        if known is None or (known.optional and not step.optional):
            self.steps[step.verb, step.of] = step
        elif known.statements != step.statements:
            both = (*known.statements, *(each for each in step.statements if each not in known.statements))
            self.steps[step.verb, step.of] = Step(
                step.verb, step.of, both, (*known.mends, *step.mends), known.because, known.after | step.after
            )


@dataclass
class _Found:
    """What must be dropped, each with the object that it stands on (None: for its own sake); and what is freed."""

    dropped: dict[Object, Object | None]
    released: dict[Object, Released]
    causes: dict[Object, Object]


class _Closure:
    """All of the subject that stands on objects which are to be dropped."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._graph = sides.after.graph

    def of(self, roots: Iterable[Object]) -> _Found | Refused:
        """Return what must be dropped and freed before these objects can be dropped; or why that cannot be."""
        found = _Found({}, {}, {})
        ahead: list[tuple[Object, Object | None]] = [(root, None) for root in roots]
        while ahead:
            each, on = ahead.pop()
            if each in found.dropped:
                continue
            found.dropped[each] = on
            ahead += [(whole, on) for whole in self._graph.within(each)]
            for dependent in self._standing_on(each):
                if dependent.facet not in _HOLD_DATA:
                    ahead.append((dependent, each))
                    continue
                freed = release(dependent, each, self._sides)
                if freed is None:
                    return Refused(f"{dependent} stands on {each} and cannot be dropped")
                found.released[dependent] = freed
                found.causes[dependent] = each
                ahead += [(one, dependent) for one in freed.in_the_way]
        return found

    def _standing_on(self, each: Object) -> Iterator[Object]:
        """Yield what stands on an object; of a view's column, what stands on that."""
        for dependent in self._graph.dependents(each):
            if dependent.facet == "columns" and self._sides.after.has(Object("views", dependent.relation)):
                yield from (one for one in self._standing_on(dependent) if one.identity != dependent.relation)
            else:
                yield dependent
