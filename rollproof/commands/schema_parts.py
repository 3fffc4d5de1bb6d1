"""A verification of some schemas, or of what belongs to none of them, out of one that was opened for all of these."""

from collections.abc import Collection
from dataclasses import replace

from rollproof.commands.accepted import waivers
from rollproof.commands.prepare import Prepared, copied_of
from rollproof.commands.verification import orphans_between
from rollproof.model.errors import Inconclusive
from rollproof.model.names import sql_name
from rollproof.model.schema_parts import REST, Group, divided
from rollproof.sources.live_part import parts_of
from rollproof.sources.recorded import Recorded


class Parts:
    """The parts of a verification against a baseline: the `groups` of schemas that it was opened for, and the `REST`."""

    def __init__(self, prepared: Prepared, groups: Collection[Group]) -> None:
        assert prepared.plan.baseline, "only a baseline is divided by schemas"
        self._prepared, self._baseline = prepared, prepared.plan.baseline
        self._was, self._now = divided(self._baseline.snapshot, groups), parts_of(prepared.sides.after, groups)

    def of(self, part: Group) -> Prepared:
        """Return the sides of a part. Raises `Inconclusive` for a schema that neither side knows: it was there when listed."""
        whole, plan = self._prepared.sides, self._prepared.plan
        before, after = Recorded(self._was[part], self._baseline.name, self._baseline.seal), self._now[part]
        known = {name for side in (before, after) for name in side.recorded.get("schemas", {})}
        if missing := [schema for schema in part if sql_name(schema) not in known]:
            raise Inconclusive(f"schema {missing[0]} is neither in the reference nor, any more, in the database")
        orphans = orphans_between(whole.views[0], (before, after), plan.settings)
        accepted = waivers(plan.settings, before, after, block=False, others=True)
        sides = replace(whole, before=before, after=after, orphans=orphans, accepted=accepted, close=lambda: None)
        mine = replace(plan, baseline=before, subject=f"{plan.subject}, {_named(part)}")
        return replace(self._prepared, plan=mine, sides=sides, copied=copied_of(mine, sides))


def _named(part: Group) -> str:
    return "the database itself" if part == REST else f"schema {', '.join(map(sql_name, part))}"
