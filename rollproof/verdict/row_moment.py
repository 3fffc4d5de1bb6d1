"""The moment in a repair at which rows are put back: what the subject's definitions are then."""

from functools import cached_property

from rollproof.repair.objects import Object
from rollproof.repair.plan import Plan
from rollproof.repair.rows.columns import Described
from rollproof.repair.sides import Sides


class Then:
    """What the subject will be like when its rows are put back: after its columns, before keys and triggers are."""

    def __init__(self, sides: Sides, plan: Plan) -> None:
        self._done = done = [step for step in plan.steps if not step.optional]
        self.sides = sides
        self.gone = frozenset(step.of for step in done if step.verb == "drop")
        self.made = frozenset(step.of for step in done if step.verb == "create").union(*(step.brings for step in done))
        self._mended = frozenset(Object(each.facet, each.identity) for step in done for each in step.mends) | self.made

    @cached_property
    def renamed(self) -> dict[str, str]:
        """The tables that are given their names back, and the names that they have now."""
        return {
            step.of.identity: each.identity
            for step in self._done
            for each in step.mends
            if step.verb == "rename" and each.facet == step.of.facet == "tables" and each.before is None
        }

    def has(self, table: str) -> bool:
        """Tell whether there is such a table."""
        of = Object("tables", table)
        return self.sides.after.has(of) or of in self.made

    def columns(self, table: str) -> dict[str, Described]:
        """Return the columns of a table, by quoted name."""
        was, now = (side.parts(table, "columns") for side in (self.sides.before, self.sides.after))
        found: dict[str, Described] = {}
        for identity in {**now, **was}:
            mended = identity in was and Object("columns", identity) in self._mended
            if mended or identity in now:
                name = identity.removeprefix(f"{table}.")
                found[name] = Described.parse(was[identity] if mended else now[identity])
        return found
