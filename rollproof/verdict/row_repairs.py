"""What would put rows back: the tables whose rows differ, and the steps of a plan that copy them from where they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rollproof.backup.copies import Copies
from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Inconclusive
from rollproof.model.descriptions import type_of
from rollproof.probes.foreign_keys import Relationship
from rollproof.repair.objects import Object
from rollproof.repair.plan import Plan
from rollproof.repair.rows.spelling import Link
from rollproof.repair.rows.steps import Rows, Told
from rollproof.repair.rows.table import RowRepair
from rollproof.repair.sides import Sides
from rollproof.repair.step import Step, Unmended
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.row_evidence import RowEvidence
from rollproof.verdict.table_rows import Held, Then, in_the_way, repair_of, told_of
from rollproof.verdict.waivers import Waivers


@dataclass(frozen=True, eq=False)
class RowRepairs:
    """The repair of the rows of `after`; the `evidence` knows what they are compared with, `keys` are all foreign keys."""

    before: Source
    after: Live
    copies: Copies
    evidence: RowEvidence
    accepted: Waivers
    keys: Mapping[str, Relationship] = field(default_factory=dict)

    @cached_property
    def _compared(self) -> tuple[tuple[Difference, ...], Mapping[str, str]]:
        if reason := self.before.unavailable("content"):
            return (), {"content": reason}
        was, now = (side.known("content", EVERYTHING) for side in (self.before, self.after))
        unknown = {**was.unknown, **now.unknown}
        differ = [each for each in compare("content", was.facts, now.facts) if each.identity not in unknown]
        return self.accepted.accept(each for each in differ if each.before is not None), unknown

    @property
    def remarks(self) -> tuple[str, ...]:
        """Of which tables' rows nothing is known."""
        return tuple(f"rows of {table}: not compared: {why}" for table, why in sorted(self._compared[1].items()))

    def planned(self, sides: Sides, plan: Plan) -> tuple[tuple[Step, ...], tuple[Unmended, ...]]:
        """Return the steps that put rows back while a plan puts definitions right, and what they leave."""
        then = Then(sides, plan)
        repairs: dict[str, RowRepair] = {}
        told: dict[str, Told] = {}
        views: list[Difference] = []
        left: list[Unmended] = []
        for each in self._compared[0]:
            try:
                if self.evidence.is_growth(each):
                    continue
                if self.evidence.views.note(each.identity):
                    views.append(each)
                    continue
                held = self._held(each.identity, then)
                repair = repair_of(held, then)
                left += [Unmended(each, why)] if (why := in_the_way(held, repair)) else []
            except Inconclusive as error:
                left.append(Unmended(each, str(error)))
            else:
                repairs[each.identity], told[each.identity] = repair, told_of(held, repair, each)
        steps = Rows(repairs, told, tuple(self._links(then))).steps(sides.after, then.gone)
        return (*steps, *_refreshed(views, steps, then)), tuple(left)

    def _held(self, table: str, then: Then) -> Held:
        """Return a table's rows and those that they are compared with. Raises `Inconclusive` if there are none, or none here."""
        live = self.after.scannable(table)
        if live:
            found = self.evidence.found(table)
            pair = found.pair
            held = Held(
                table, pair.was, live, pair.key, found.against, self._types(table, pair.was.relation.name), found.counts, found.rows
            )
        elif then.has(table):
            source, against = self.evidence.witness(table)
            held = Held(table, source, None, (), against, self._types(table, source.relation.name))
            held.counts["missing"] = max(1, source.relation.tuples or 1)
        else:
            raise Inconclusive(f"{table} is not there any more")
        if held.source.view is not self.after.view:
            raise Inconclusive(f"its rows are in another database, {held.against}")
        return held

    def _types(self, table: str, source: str) -> dict[str, str]:
        """Return the types of the columns of a copy."""
        facts = self.copies.columns.get(source, {})
        return {
            name.removeprefix(f"{source}."): type_of(text).partition(" COLLATE ")[0] for name, text in facts.items()
        }

    def _links(self, then: Then) -> Iterator[Link]:
        for identity, key in self.keys.items():
            text = then.sides.after.facts("constraints").get(identity, "")
            rest = text.rpartition(")")[2]
            is_held = text.startswith("FOREIGN KEY") and Object("constraints", identity) not in then.gone
            name = identity.removeprefix(f"{key.table}.") if is_held and "NOT ENFORCED" not in rest else ""
            if not key.period:
                yield Link(
                    key.table,
                    key.columns,
                    key.references,
                    key.referenced_columns,
                    key.equality,
                    name,
                    deferrable=" DEFERRABLE" in rest,
                )


def _refreshed(views: Iterable[Difference], steps: Sequence[Step], then: Then) -> Iterator[Step]:
    """Yield a step for each materialized view that is there as it was: when the rows that it reads are back, it reads them again."""
    tables = frozenset(step.of for step in steps)
    for each in views:
        of = Object("views", each.identity)
        if of not in then.gone | then.made:
            why = "it shows what it read when it was last refreshed"
            yield Step("rows", of, (f"REFRESH MATERIALIZED VIEW {each.identity};",), (each,), why, after=tables)
