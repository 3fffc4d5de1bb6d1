"""What rows refuse of a plan, while it is found out."""

from dataclasses import dataclass, field, replace

from rollproof.model.amounts import counted
from rollproof.repair.objects import Object
from rollproof.repair.plan import Plan
from rollproof.repair.step import Step, Unmended

_SHOWN = 5  # keys named in a sentence


@dataclass(frozen=True)
class InTheWay:
    """Rows that refuse a statement: how many, the keys of some, and of which table."""

    table: str
    rows: int
    keys: tuple[str, ...]

    def __str__(self) -> str:
        named = f": {'; '.join(self.keys)}{'; …' if self.rows > len(self.keys) else ''}" if self.keys else ""
        return f"{counted(self.rows, 'row')} of {self.table} {'is' if self.rows == 1 else 'are'} in the way{named}"


@dataclass
class Found:
    """What was found so far: `left` is said, `gone` is not made.

    A plan makes what is `made`, leaves columns that `stay`, and gives no rows to the tables that are `empty` when they are made.
    """

    made: frozenset[Object]
    stay: frozenset[Object]
    empty: frozenset[str]
    left: list[Unmended] = field(default_factory=list)
    gone: set[Object] = field(default_factory=set)

    @classmethod
    def of(cls, plan: Plan) -> "Found":
        """Return what is known of a plan before anything is asked."""
        made = frozenset(each for step in plan.steps if step.verb == "create" for each in (step.of, *step.brings))
        unmended = (each.difference for each in plan.unmended)
        stay = frozenset(Object("columns", each.identity) for each in unmended if each.facet == "columns")
        rows = (step for step in plan.steps if step.verb == "rows")
        filled = {name for step in rows for name in (step.of.identity, *(each.identity for each in step.mends))}
        return cls(made, stay, frozenset(each.identity for each in made if each.facet == "tables") - filled)

    def is_left(self, step: Step) -> bool:
        """Tell whether a step that comes last is about nothing but what is left."""
        left = {each.difference for each in self.left}
        return step.verb == "last" and bool(step.mends) and left >= {*step.mends}

    def leave(self, step: Step, when: str, reason: str) -> Step:
        """Return a step as a comment; what is known to be left is not said again."""
        known = {each.difference for each in self.left}
        self.left += [Unmended(each, reason) for each in step.mends if each not in known]
        return replace(step, mends=(), optional=when)
