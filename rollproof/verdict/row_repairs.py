"""What would put rows back: the tables whose rows differ, and the steps of a plan that copy them from where they are."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from rollproof.backup.copies import Copies
from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Inconclusive
from rollproof.repair.objects import Object
from rollproof.repair.plan import Plan
from rollproof.repair.rows.columns import Described
from rollproof.repair.rows.spelling import Link
from rollproof.repair.rows.steps import Rows, Told
from rollproof.repair.rows.table import Need, RowRepair, put_back
from rollproof.repair.selection import Selection
from rollproof.repair.sides import Sides
from rollproof.repair.step import Step, Unmended
from rollproof.rows.paired_tables import Pair
from rollproof.rows.row_diff import MISSING
from rollproof.rows.tables import ScannableTable
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING, TableGroup
from rollproof.verdict.row_evidence import RowEvidence, kind_of_change
from rollproof.verdict.row_moment import Then
from rollproof.verdict.row_values import ValueFiles, fetch, fetch_all
from rollproof.verdict.table_rows import Held, columns_of, in_the_way, repair_of, told_of
from rollproof.verdict.waivers import Waivers


@dataclass(frozen=True)
class PlannedRows:
    """The steps that put rows back, what they leave, and how each table is repaired."""

    steps: tuple[Step, ...] = ()
    left: tuple[Unmended, ...] = ()
    repairs: Mapping[str, RowRepair] = field(default_factory=dict)

    @property
    def whole(self) -> Mapping[str, RowRepair]:
        """The repairs that bring all rows back."""
        partly = {each.difference.identity for each in self.left}
        return {table: repair for table, repair in self.repairs.items() if table not in partly}


@dataclass
class _Collected:
    """What is collected table by table."""

    repairs: dict[str, RowRepair] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    views: list[Difference] = field(default_factory=list)
    left: list[Unmended] = field(default_factory=list)

    def lacks(self, link: Link) -> bool:
        """Tell whether rows come back that refer to a table of which not all do."""
        lacking = any(each.difference.identity == link.references for each in self.left)
        return lacking and link.table in self.repairs and link.table != link.references


@dataclass(frozen=True, eq=False)
class RowRepairs:
    """The repair of the rows of `after`, by `evidence` of what they are compared with.

    `links` are all foreign keys, `files` take rows that are in another database.
    """

    before: Source
    after: Live
    copies: Copies
    evidence: RowEvidence
    accepted: Waivers
    links: Mapping[str, Link] = field(default_factory=dict)
    files: ValueFiles = field(default_factory=ValueFiles)

    @cached_property
    def _compared(self) -> tuple[tuple[Difference, ...], Mapping[str, str]]:
        if reason := self.before.unavailable("content"):
            return (), {"all tables": reason}
        was, now = (side.known("content", EVERYTHING) for side in (self.before, self.after))
        unknown = {**was.unknown, **now.unknown}
        differ = [each for each in compare("content", was.facts, now.facts) if each.identity not in unknown]
        return self.accepted.unaccepted(each for each in differ if each.before is not None), unknown

    @property
    def remarks(self) -> tuple[str, ...]:
        """Of which tables' rows nothing is known."""
        return tuple(f"rows of {table}: not compared: {why}" for table, why in sorted(self._compared[1].items()))

    def planned(self, sides: Sides, plan: Plan, chosen: Selection | None = None) -> "PlannedRows":
        """Return the steps that put rows back while a plan puts definitions right, and what they leave.

        Of the tables that are `chosen` alone, if some are.
        """
        then, views, found = Then(sides, plan), self.evidence.views, _Collected()
        differ = self._compared[0]
        for each in differ if chosen is None else chosen.among(differ)[0]:
            try:
                if self._is_only_renamed(each, then):
                    continue
                if views.note(each.identity):
                    found.views.append(each)
                elif not self.evidence.is_growth(each):
                    self._collect(each, then, found)
            except Inconclusive as error:
                found.left.append(Unmended(each, str(error)))
        self._heed_lacking(found, then)
        rows = Rows(found.repairs, found.told, tuple(self._links(then)))
        steps = rows.steps(sides.after, then.gone)
        return PlannedRows((*steps, *_refreshed(found.views, steps, then)), tuple(found.left), found.repairs)

    def _is_only_renamed(self, each: Difference, then: Then) -> bool:
        """Tell whether the rows of a table are there under another name. Raises `Inconclusive` if they differ."""
        if (name := then.renamed.get(each.identity)) is None:
            return False
        if self.after.known("content", TableGroup(name, frozenset([name]))).facts.get(name) == each.before:
            return True
        raise Inconclusive(f"it is {name} by now, with other rows: repair again when it has its name back")

    def _collect(self, difference: Difference, then: Then, found: "_Collected") -> None:
        table = difference.identity
        held = self._held(table, then)
        repair = repair_of(held, then)
        if not (repair.added or repair.respelled or any(put_back(repair))):
            if more := sorted(held.present - {column.name for column in repair.columns}):
                raise Inconclusive(
                    f"its rows read otherwise, for it has {', '.join(more)}, which it had not, or not so"
                )
            raise Inconclusive(f"its rows differ from {held.against}, and no statement was found that undoes it")
        if why := in_the_way(held, repair):
            found.left.append(Unmended(difference, why))
        told = told_of(held, repair, difference)
        found.told[table] = replace(told, added="") if self.evidence.may_grow(table) else told
        found.repairs[table] = repair

    def _heed_lacking(self, found: "_Collected", then: Then) -> None:
        """Leave out rows that refer to rows which do not come back: a foreign key would refuse them all."""
        sides = (then.sides.before, then.sides.after)
        kept = [
            (name, link)
            for name, link in self.links.items()
            if any(name in each.facts("constraints") for each in sides)
        ]
        heeded: set[str] = set()
        while lacking := [each for each in kept if each[0] not in heeded and found.lacks(each[1])]:
            for name, link in lacking:
                heeded.add(name)
                need = Need(link.columns, link.references, link.referenced, link.equals)
                repair = found.repairs[link.table]
                found.repairs[link.table] = replace(repair, needs=(*repair.needs, need))
                reason = f"rows that refer to rows of {link.references} which are not there stay away ({', '.join(link.columns)})"
                found.left.append(Unmended(found.told[link.table].difference, reason))

    def _held(self, table: str, then: Then) -> Held:
        """Return a table's rows and those that they are compared with. Raises `Inconclusive` if there are none."""
        live = self.after.scannable(table)
        if not (live or then.has(table)):
            raise Inconclusive(f"{table} is not there any more")
        if live is None:
            source, against = self.evidence.witness(table)
            missing = Counter({MISSING: max(1, source.relation.tuples or 1)})
            return self._here(Held(table, source, None, (), against, self._types(source), missing), then)
        against, pair = self.evidence.pair(table)
        return self._here(Held(table, pair.was, live, pair.key, against, self._types(pair.was)), then)

    def _here(self, held: Held, then: Then) -> Held:
        """Return the same with the numbers of rows, and with rows that are in another database fetched."""
        names = [column.name for column in columns_of(held, then)]
        elsewhere = held.source.view is not self.after.view
        if elsewhere and held.live and held.present >= {*names}:
            pair = Pair(held.source, held.live, held.key)
            kind = partial(kind_of_change, keyed=bool(held.key))
            fetched = fetch(pair, self.evidence.size(held.table), names, self.files, kind)
            return replace(held, counts=fetched.counts, fetched=fetched)
        if held.live:
            held = replace(held, counts=self.evidence.found(held.table).counts)
        return replace(held, fetched=fetch_all(held.source, names, self.files)) if elsewhere else held

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
