"""What would put rows back: the tables whose rows differ, and the steps of a plan that copy them from where they are."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from rollproof.backup.copies import Copies
from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Inconclusive
from rollproof.repair.objects import Object
from rollproof.repair.plan import Plan
from rollproof.repair.rows.columns import Described
from rollproof.repair.rows.spelling import Link
from rollproof.repair.rows.steps import Rows, Told
from rollproof.repair.rows.table import RowRepair, put_back
from rollproof.repair.selection import Selection
from rollproof.repair.sides import Sides
from rollproof.repair.step import Step, Unmended
from rollproof.rows.row_diff import MISSING
from rollproof.rows.tables import ScannableTable
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.row_evidence import RowEvidence
from rollproof.verdict.table_rows import Held, Then, in_the_way, repair_of, told_of
from rollproof.verdict.waivers import Waivers


@dataclass
class _Collected:
    """What is collected table by table."""

    repairs: dict[str, RowRepair] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    views: list[Difference] = field(default_factory=list)
    left: list[Unmended] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class RowRepairs:
    """The repair of the rows of `after`; the `evidence` knows what they are compared with, `links` are all foreign keys."""

    before: Source
    after: Live
    copies: Copies
    evidence: RowEvidence
    accepted: Waivers
    links: Mapping[str, Link] = field(default_factory=dict)

    @cached_property
    def _compared(self) -> tuple[tuple[Difference, ...], Mapping[str, str]]:
        if reason := self.before.unavailable("content"):
            return (), {"content": reason}
        was, now = (side.known("content", EVERYTHING) for side in (self.before, self.after))
        unknown = {**was.unknown, **now.unknown}
        differ = [each for each in compare("content", was.facts, now.facts) if each.identity not in unknown]
        return self.accepted.unaccepted(each for each in differ if each.before is not None), unknown

    @property
    def remarks(self) -> tuple[str, ...]:
        """Of which tables' rows nothing is known."""
        return tuple(f"rows of {table}: not compared: {why}" for table, why in sorted(self._compared[1].items()))

    def planned(
        self, sides: Sides, plan: Plan, chosen: Selection | None = None
    ) -> tuple[tuple[Step, ...], tuple[Unmended, ...]]:
        """Return the steps that put rows back while a plan puts definitions right, and what they leave.

        Of the tables that are `chosen` alone, if some are.
        """
        then, views, found = Then(sides, plan), self.evidence.views, _Collected()
        differ = self._compared[0]
        for each in differ if chosen is None else chosen.among(differ)[0]:
            try:
                if views.note(each.identity):
                    found.views.append(each)
                elif not self.evidence.is_growth(each):
                    self._collect(each, then, found)
            except Inconclusive as error:
                found.left.append(Unmended(each, str(error)))
        rows = Rows(found.repairs, found.told, tuple(self._links(then)))
        steps = rows.steps(sides.after, then.gone)
        return (*steps, *_refreshed(found.views, steps, then)), tuple(found.left)

    def _collect(self, difference: Difference, then: Then, found: "_Collected") -> None:
        table = difference.identity
        held = self._held(table, then)
        repair = repair_of(held, then)
        if not (repair.added or repair.respelled or any(put_back(repair))):
            raise Inconclusive(f"its rows differ from {held.against}, and no statement was found that undoes it")
        if why := in_the_way(held, repair):
            found.left.append(Unmended(difference, why))
        found.told[table] = told_of(held, repair, difference)
        found.repairs[table] = repair

    def _held(self, table: str, then: Then) -> Held:
        """Return a table's rows and those that they are compared with. Raises `Inconclusive` if there are none, or none here."""
        live = self.after.scannable(table)
        if live:
            found = self.evidence.found(table)
            source, against = found.pair.was, found.against
            held = Held(table, source, live, found.pair.key, against, self._types(source), found.counts)
        elif then.has(table):
            source, against = self.evidence.witness(table)
            missing = Counter({MISSING: max(1, source.relation.tuples or 1)})
            held = Held(table, source, None, (), against, self._types(source), missing)
        else:
            raise Inconclusive(f"{table} is not there any more")
        if source.view is not self.after.view:
            raise Inconclusive(f"its rows are in another database, {against}")
        return held

    def _types(self, source: ScannableTable) -> dict[str, str]:
        """Return the types of the columns of a copy."""
        name = source.relation.name
        facts = self.copies.columns.get(name, {})
        return {path.removeprefix(f"{name}."): Described.parse(text).plain for path, text in facts.items()}

    def _links(self, then: Then) -> Iterator[Link]:
        for identity, link in self.links.items():
            text = then.sides.after.facts("constraints").get(identity, "")
            rest = text.rpartition(")")[2]
            is_held = text.startswith("FOREIGN KEY") and Object("constraints", identity) not in then.gone
            name = identity.removeprefix(f"{link.table}.") if is_held and "NOT ENFORCED" not in rest else ""
            yield replace(link, constraint=name, deferrable=" DEFERRABLE" in rest)


def _refreshed(views: Iterable[Difference], steps: Sequence[Step], then: Then) -> Iterator[Step]:
    """Yield a step for each materialized view that stays: it is read anew when the rows that it shows are back."""
    tables = frozenset(step.of for step in steps)
    for each in views:
        of = Object("views", each.identity)
        if of not in then.gone | then.made:
            why = "it shows what it read when it was last refreshed"
            yield Step("rows", of, (f"REFRESH MATERIALIZED VIEW {each.identity};",), (each,), why, after=tables)
