"""A verification of some schemas, or of what belongs to none of them, out of one that was opened for all of these."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from rollproof.commands.accepted import waivers
from rollproof.commands.prepare import Prepared, copied_of
from rollproof.commands.verification import orphans_between
from rollproof.model.errors import Inconclusive
from rollproof.model.names import sql_name
from rollproof.model.schema_parts import REST, Group, divided
from rollproof.sources.live_part import LivePart, parts_of
from rollproof.sources.recorded import Recorded


def parts_prepared(prepared: Prepared, groups: Collection[Group], wanted: Collection[Group]) -> Iterator[Prepared]:
    """Yield the sides of each wanted part: a group of schemas, or `REST`. The reference must be a baseline.

    Raises `Inconclusive` for a schema that neither side knows: it was there when the targets were listed.
    """
    before = prepared.sides.before
    if not isinstance(before, Recorded):
        raise TypeError("only a baseline is divided by schemas")
    prepared.sides.after.begin()
    was, now = divided(before.snapshot, groups), parts_of(prepared.sides.after, groups)
    for part in wanted:
        yield _part(prepared, Recorded(was[part], before.name, before.seal), now[part], part)


def _part(prepared: Prepared, before: Recorded, after: LivePart, part: Group) -> Prepared:
    known = {name for side in (before, after) for name in side.recorded.get("schemas", {})}
    if missing := [schema for schema in part if sql_name(schema) not in known]:
        raise Inconclusive(f"schema {missing[0]} is neither in the reference nor, any more, in the database")
    plan, sides = prepared.plan, prepared.sides
    settings = plan.settings
    orphans = orphans_between(sides.views[0], (before, after), settings)
    accepted = waivers(settings, before, after, block=False)
    mine = replace(sides, before=before, after=after, orphans=orphans, accepted=accepted, close=lambda: None)
    subject = f"{plan.subject}, {_named(part)}"
    told = replace(plan, baseline=before, subject=subject)
    return replace(prepared, plan=told, sides=mine, copied=copied_of(told, mine))


def _named(part: Group) -> str:
    return "the database itself" if part == REST else f"schema {', '.join(map(sql_name, part))}"
