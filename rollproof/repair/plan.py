"""From differences to a plan: what is created, altered, or dropped and made again, with all that stands on it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from rollproof.model.compare import Difference
from rollproof.model.drops import drop_statement, kind_of, named
from rollproof.repair.alteration.alter import alter
from rollproof.repair.attributes.attach import GIVEN, attach, change
from rollproof.repair.attributes.joins import column_of_sequence
from rollproof.repair.creation.create import create
from rollproof.repair.objects import Object, is_attached
from rollproof.repair.partitioning import partition, partitioned, unjoinable
from rollproof.repair.planning.closure import HOLD_DATA, closure
from rollproof.repair.planning.draft import IN_THE_WAY, Draft, printable
from rollproof.repair.planning.order import Ordered, Unit, in_order
from rollproof.repair.planning.taken_names import moved_aside, taken
from rollproof.repair.renaming.renames import may_be_missing, renames
from rollproof.repair.rows.late_not_null import behind_rows
from rollproof.repair.sides import Sides
from rollproof.repair.soundness import NOT_ONE, unprintable, unsound
from rollproof.repair.step import Altered, Made, Refused, Step, Unmended, Verb
from rollproof.repair.unnamed import unnamed
from rollproof.repair.versions import too_new

LEFT_BEHIND = "left behind: nothing of it was there before"
_WITH_COMPANY = ("extensions", "tables", "views", "types")  # what is created first, for others come with it
_NO_STATEMENT = "rollproof knows no statement that mends it"


@dataclass(frozen=True)
class Plan:
    """What puts the differences right: units of steps, each a transaction, in their order; and what none mends, with reasons.

    `wholes` are the partitioned tables, which have no rows but those of their partitions.
    """

    ordered: Ordered = field(default_factory=Ordered)
    unmended: tuple[Unmended, ...] = ()
    wholes: frozenset[str] = frozenset()

    @property
    def units(self) -> tuple[Unit, ...]:
        """The steps in transactions."""
        return self.ordered.units

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in their order."""
        return tuple(step for unit in self.units for step in unit)


def plan(sides: Sides, differences: Iterable[Difference], more: Iterable[Step] = (), at_once: int = 0) -> Plan:
    """Return the steps that undo the differences of definitions; `more` are steps of other kinds, to be put among them.

    With `at_once` a transaction has so many of them, as `in_order` says.
    """
    given = tuple(differences)
    known = renames(sides, given)
    if any(unsound(step.of, step.statements, step.verb) for step in known.steps):  # and all others build on them
        return Plan(unmended=tuple(Unmended(each, NOT_ONE) for each in given))
    planner = _Planner(known.sides, known.differences)
    planner.run()
    steps = behind_rows([*known.steps, *planner.draft.steps(known.sides), *more])
    units = ((step,) for step in steps) if at_once else in_order(steps, known.sides).units
    steps = printable(steps, units, planner.draft)
    unmended = (*known.doubtful, *planner.draft.unmended)
    unmended += tuple(unnamed(known.differences, steps, unmended, planner.object_of, planner.goes_along))
    return Plan(in_order(steps, known.sides, at_once), unmended, frozenset(partitioned(sides.after)))


class _Planner:
    """Collects the steps for all differences: of objects by object, and of what is attached to them."""

    def __init__(self, sides: Sides, differences: Iterable[Difference]) -> None:
        self.sides = sides
        self.draft = Draft()
        self._objects: dict[Object, Difference] = {}
        self._attached: dict[Object, list[Difference]] = defaultdict(list)
        self._made: set[Object] = set()
        for each in differences:
            self._sort_in(each)

    def _sort_in(self, each: Difference) -> None:
        of = self.object_of(each.facet, each.identity)
        if self.sides.is_hidden(of):
            return  # it is told again once it belongs to its extension as it did
        if is_attached(each.facet, each.identity):
            self._attached[of].append(each)
        elif of.facet == each.facet:
            self._objects[of] = each
        else:  # a column of a view, which is part of its query
            was, now = (side.description(of) for side in (self.sides.before, self.sides.after))
            self._objects.setdefault(of, Difference(*of, was, now))

    def goes_along(self, of: Object) -> bool:
        """Tell whether an object is left to whoever reads the script, by itself or with another one."""
        return self._is_left(of) or self.draft.leaves(of) or self._goes_with_another(of)

    def object_of(self, facet: str, identity: str) -> Object:
        """Return the object that a fact tells of."""
        for side in (self.sides.before, self.sides.after):
            of = side.object_of(facet, identity)
            if of.facet == "columns" and side.has(view := Object("views", of.relation)):
                return view
            if side.has(of):
                return of
        return self.sides.before.object_of(facet, identity)

    def run(self) -> None:
        """Collect the steps for all differences."""
        self._rearrange()
        self._create_missing()
        for of, each in self._objects.items():
            if each.before is not None and each.after is not None and of not in self._made:
                self._change(of, each)
        for of, each in self._objects.items():
            if each.before is None and not self.draft.has("drop", of):
                self._leave_behind(of, each)
        for of, attached in self._attached.items():
            if of not in self._made:
                self._change_attached(of, attached)
        self._clear_names()

    def _clear_names(self) -> None:
        """Drop, or name otherwise, what has a name that something needs which is created."""
        for each in list(taken(self.draft.created, self.sides.after)):
            if self.draft.has("drop", each.by):
                continue
            if each.by.facet in HOLD_DATA or self._replace([each.by], each.needed):
                because = f"its name is needed for {each.needed}, and it holds data"
                statement, aside = moved_aside(each.by, self.sides.after)
                self.draft.add(Step("drop", each.by, (statement,), because=because))
                if each.by in self._objects:
                    self.draft.refuse(self._objects[each.by], f"{because}: it is given another name, and left")
                    self._leave_aside(each.by, aside)
            self.draft.let_follow(each.needed, each.by)

    def _leave_aside(self, of: Object, aside: Object) -> None:
        """Leave it to whoever reads the script to drop what was left behind and given another name."""
        kind = kind_of(*of, self.sides.after.description(of) or "")
        if kind and self._is_left(of):
            drop = drop_statement(kind, aside.identity)
            self.draft.add(Step("drop", aside, (drop,), after=frozenset([of]), optional=LEFT_BEHIND))

    def _rearrange(self) -> None:
        """Put columns in order first: that makes the missing ones among them."""
        for of, attached in self._attached.items():
            for each in [each for each in attached if each.facet == "column_order"]:
                attached.remove(each)
                if self.sides.before.has(of) and self.sides.after.has(of):
                    self._alter(of, each, change(each, self.sides) or Refused(_NO_STATEMENT))

    def _create_missing(self) -> None:
        missing = {of: each for of, each in self._objects.items() if each.after is None and of not in self._made}
        brought: set[Object] = set()
        for of in sorted(missing, key=lambda each: each.facet not in _WITH_COMPANY):
            if of in brought:
                continue
            one = create(of, self.sides.before)
            brought |= one.brings if isinstance(one, Made) else frozenset()
            if reason := self._impossible(of, one):
                self.draft.refuse(missing[of], reason)
            elif isinstance(one, Made):
                self._create(of, one, "")

    def _impossible(self, of: Object, answer: Made | Altered | Refused) -> str:
        """Return why statements are not printed, or the subject's server would not take them; "" if there is no reason."""
        made = (of, *answer.brings) if isinstance(answer, Made) else (of,)
        return unprintable(of, answer) or too_new(made, self.sides) or unjoinable(made, self.sides)

    def _create(self, of: Object, made: Made, because: str) -> None:
        everything = [of, *sorted(made.brings)]
        self._made.update(everything)
        mended = tuple(self._objects[each] for each in everything if each in self._objects)
        self.draft.add(
            Step("create", of, made.statements, mended, because or made.note, made.after, brings=made.brings)
        )
        if made.later:
            self.draft.add(Step("attributes", of, made.later, mended, after=frozenset([Object("tables", of.relation)])))
        self._attach(everything, of)

    def _attach(self, everything: Iterable[Object], made_by: Object) -> None:
        """Give objects that one brings what was attached to them."""
        for each in everything:
            attached = self._attached.get(each, ())
            if given := attach(each, self.sides):
                mended = tuple(one for one in attached if one.facet in GIVEN)
                self.draft.add(Step("attributes", each, given, mended, after=frozenset([made_by])))
            self._change_attached(each, [one for one in attached if one.facet not in GIVEN])

    def _change(self, of: Object, difference: Difference) -> None:
        answer = alter(difference, self.sides)
        if answer is not None:
            self._alter(of, difference, answer)
        elif of.facet in HOLD_DATA:
            self.draft.refuse(difference, f"{_NO_STATEMENT}, and to drop it would lose what it holds")
        elif reason := self._replace([of]):
            self.draft.refuse(difference, reason)

    def _alter(self, of: Object, difference: Difference, answer: Altered | Refused, verb: Verb = "alter") -> None:
        reason = self._impossible(of, answer)
        if isinstance(answer, Altered) and not reason and answer.in_the_way:
            reason = self._replace(answer.in_the_way, None if of in answer.in_the_way else of)
        if isinstance(answer, Refused) or reason:
            self.draft.refuse(difference, reason)
        else:
            self._add_altered(answer.of or of, difference, answer, verb)

    def _add_altered(self, of: Object, difference: Difference, answer: Altered, verb: Verb) -> None:
        if answer.prepare:
            is_all = not (answer.statements or answer.in_the_way)
            self.draft.add(Step("prepare", of, answer.prepare, (difference,) if is_all else ()))
        step = Step("alter", of, answer.statements, (difference,), answer.note, answer.after, around=answer.in_the_way)
        if answer.statements:
            self.draft.add(replace(step, verb=verb, brings=answer.brings))
        if answer.last:
            table = Object("tables", of.relation) if of.facet == "columns" else of
            self.draft.add(Step("last", table, answer.last, (difference,)))
        if answer.left:
            self.draft.refuse(difference, answer.left)
        self._made.update(each for each in answer.brings if not self.sides.after.has(each))
        self._attach(sorted(answer.brings), of)

    def _replace(self, roots: Iterable[Object], under: Object | None = None) -> str:
        """Drop objects with all that stands on them, and make them again as they were; return why not, if not."""
        found = closure(roots, self.sides)
        if isinstance(found, Refused):
            return found.reason
        made: dict[Object, Made] = {}
        for of in found.dropped:
            if self.sides.before.has(of):
                one = create(of, self.sides.before)
                if reason := self._impossible(of, one):
                    return f"{of} would have to be made again: {reason}"
                if isinstance(one, Made):
                    made[of] = one
        brought = {each for one in made.values() for each in one.brings}
        for of, on in found.dropped.items():
            because = IN_THE_WAY.format(on or under) if (on or under) not in (None, of) else ""
            self._drop(of, because, found.dropped)
            if of in made and of not in brought:
                self._create(of, made[of], because)
        for of, freed in found.released.items():
            self.draft.free(of, freed, found.causes[of])
        return ""

    def _drop(self, of: Object, because: str, dropped: Mapping[Object, object]) -> None:
        """Drop an object for real: it is made again, or was left behind and stands in the way."""
        if any(each in dropped for each in self.sides.after.graph.within(of)):
            return  # it goes with what it is within
        if statements := self._drop_statements(of):
            is_left = of in self._objects and not self.sides.before.has(of)
            self.draft.add(Step("drop", of, statements, (self._objects[of],) if is_left else (), because))

    def _drop_statements(self, of: Object) -> tuple[str, ...]:
        description = self.sides.after.description(of)
        kind = kind_of(*of, description) if description is not None else None
        whole = partition(of.identity, self.sides.after) if of.facet == "tables" else None
        detached = (f"ALTER TABLE {whole.whole} DETACH PARTITION {of.identity};",) if whole else ()
        return (*detached, drop_statement(kind, named(kind, of.identity))) if kind else ()

    def _leave_behind(self, of: Object, each: Difference) -> None:
        answer = alter(each, self.sides)
        if answer is not None:
            self._alter(of, each, answer)
        elif self._goes_with_another(of):
            return
        elif reason := may_be_missing(of, self._objects.values(), self.sides):
            self.draft.refuse(each, reason)
        elif statements := self._drop_statements(of):
            self.draft.add(Step("drop", of, statements, (each,), optional=LEFT_BEHIND))
        else:
            self.draft.refuse(each, "rollproof knows no statement that removes it")

    def _goes_with_another(self, of: Object) -> bool:
        """Tell whether an object goes when another one that was left behind is dropped."""
        of_column = column_of_sequence(of, self.sides.after)  # with which a sequence goes, or with its table
        part = of_column or of
        relations = (Object(facet, part.relation) for facet in ("tables", "views") if part.relation != part.identity)
        wholes = (*self.sides.after.graph.within(of), *relations, *filter(None, [of_column]))
        return any(self._is_left(each) for each in wholes)

    def _is_left(self, of: Object) -> bool:
        return of in self._objects and self._objects[of].before is None

    def _change_attached(self, of: Object, attached: Iterable[Difference]) -> None:
        is_dropped = self.draft.has("drop", of) and of not in self._made
        if is_dropped or self.goes_along(of):
            attached = [each for each in attached if each.before is not None]
        before, after = self.sides.before, self.sides.after
        is_lost = before.has(of) and of.facet in after.all_facts and not after.has(of) and of not in self._made
        for each in attached:
            if is_lost:
                self.draft.refuse(each, f"{of} is not there and is not made")
                continue
            self._alter(of, each, change(each, self.sides) or Refused(_NO_STATEMENT), "attributes")
