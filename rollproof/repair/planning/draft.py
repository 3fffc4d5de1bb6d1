"""Steps while they are collected: each verb once for an object. Pure, but for itself."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rollproof.model.compare import Difference
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides
from rollproof.repair.soundness import unsound
from rollproof.repair.step import Released, Step, Unmended, Verb

IN_THE_WAY = "it stands on {0}"
_OF_WHAT_STAYS: tuple[Verb, ...] = ("alter", "release", "restore")


class Draft:
    """The steps of a plan that is being made, and what none of them mends."""

    def __init__(self) -> None:
        self._steps: dict[tuple[Verb, Object], Step] = {}
        self._unmended: dict[Difference, str] = {}

    def add(self, step: Step) -> None:
        """Add a step; to one of the same kind for the same object, its statements are added."""
        known = self._steps.get((step.verb, step.of))
        if known is None or (known.optional and not step.optional):
            self._steps[step.verb, step.of] = step
            return
        self._steps[step.verb, step.of] = replace(
            known,
            statements=_once(known.statements, step.statements),
            mends=_once(known.mends, step.mends),
            after=known.after | step.after,
            brings=known.brings | step.brings,
            around=known.around | step.around,
        )

    def free(self, of: Object, freed: Released, causes: frozenset[Object]) -> None:
        """Free an object of what is dropped, and put it back when that is there again."""
        because = IN_THE_WAY.format(" and ".join(map(str, sorted(causes))))
        self.add(Step("release", of, freed.before, because=because))
        self.add(Step("restore", of, freed.after, after=causes))
        if freed.last:
            self.add(Step("last", Object("tables", of.relation), freed.last))

    def refuse(self, difference: Difference, reason: str) -> None:
        """Say why nothing mends a difference, or a part of it."""
        self._unmended.setdefault(difference, reason)

    def has(self, verb: Verb, of: Object) -> bool:
        """Tell whether a step does this to an object, and is no mere comment."""
        known = self._steps.get((verb, of))
        return known is not None and not known.optional

    @property
    def created(self) -> tuple[Object, ...]:
        """All that is created, with what comes with it."""
        return tuple(
            each for (verb, of), step in self._steps.items() if verb == "create" for each in (of, *step.brings)
        )

    def let_follow(self, of: Object, other: Object) -> None:
        """Have what creates an object come after what is done to another."""
        for (verb, made), step in list(self._steps.items()):
            if verb == "create" and of in (made, *step.brings) and other not in (made, *step.brings):
                self._steps[verb, made] = replace(step, after=step.after | {other})

    def leaves(self, of: Object) -> bool:
        """Tell whether an object is left to whoever reads the script."""
        known = self._steps.get(("drop", of))
        return known is not None and bool(known.optional)

    def steps(self, sides: Sides) -> Iterator[Step]:
        """Yield the steps, without those of objects that are made again, and of objects that cannot be made."""
        self._refuse_what_lacks(sides)
        for (verb, of), step in self._steps.items():
            if not (verb in _OF_WHAT_STAYS and self.has("create", of) and self.has("drop", of)):
                yield step

    @property
    def unmended(self) -> tuple[Unmended, ...]:
        """What no step mends."""
        return tuple(Unmended(difference, reason) for difference, reason in self._unmended.items())

    def _refuse_what_lacks(self, sides: Sides) -> None:
        """Take out what would be created on something that is not there and is not made."""
        made = {
            each
            for (verb, of), step in self._steps.items()
            for each in ((of,) * (verb == "create") + tuple(step.brings))
        }
        while lacking := list(self._lacking(made, sides)):
            for of, needed in lacking:
                step = self._steps.pop(("create", of))
                made -= {of, *step.brings}
                self._steps.pop(("drop", of), None)  # it would not come back
                self._forget_attributes({of, *step.brings})
                self._refuse_all(step, needed)
        for (verb, of), step in list(self._steps.items()):  # such as a publication, of what it publishes
            lacks = (each for each in step.after if verb == "attributes" and _is_lacking(each, made, sides))
            if (missed := min(lacks, default=None)) is not None:
                del self._steps[verb, of]
                self._refuse_all(step, missed)

    def _refuse_all(self, step: Step, needed: Object) -> None:
        for each in step.mends:
            self.refuse(each, f"it needs {needed}, which is not there and is not made")

    def _lacking(self, made: set[Object], sides: Sides) -> Iterator[tuple[Object, Object]]:
        for verb, of in self._steps:
            if verb == "create":
                lacks = (each for each in sides.before.graph.all_needs(of) if _is_lacking(each, made, sides))
                if (needed := min(lacks, default=None)) is not None:
                    yield of, needed

    def _forget_attributes(self, gone: Iterable[Object]) -> None:
        for of in gone:
            self._steps.pop(("attributes", of), None)


def _is_lacking(each: Object, made: set[Object], sides: Sides) -> bool:
    return (
        each not in made
        and sides.before.has(each)
        and not sides.after.has(each)
        and each.facet in sides.after.all_facts
    )


def _once(first: tuple, second: tuple) -> tuple:  # type: ignore[type-arg] # of anything
    return tuple(dict.fromkeys((*first, *second)))


def printable(steps: list[Step], units: Iterable[tuple[Step, ...]], draft: Draft) -> list[Step]:
    """Return the steps without every unit in which a statement is not what it should be: nothing of it is mended."""
    refused = {step: reason for step in steps if (reason := unsound(step.of, step.statements, step.verb))}
    if not refused:
        return steps
    left: list[Step] = []
    for unit in units:
        reason = next((refused[step] for step in unit if step in refused), "")
        for each in [each for step in unit for each in step.mends if reason]:
            draft.refuse(each, reason)
        left += () if reason else unit
    return left
