"""What would put the definitions right: all differences between two sources, and the plan that undoes them."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

from rollproof.model.compare import Difference, compare
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.facets import facets, facets_where
from rollproof.model.finding import Finding, Statement
from rollproof.model.no_loss import no_loss
from rollproof.model.printable_sql import commented, pasteable
from rollproof.model.snapshot import Facts
from rollproof.repair.excerpt import Excerpt, Excerpts
from rollproof.repair.plan import Plan, plan
from rollproof.repair.rows.spelling import Link
from rollproof.repair.selection import Selection
from rollproof.repair.sides import Side, Sides
from rollproof.sources.cross_version import facet_pair
from rollproof.sources.equivalence import sort_out
from rollproof.sources.shared_objects import of_other_databases
from rollproof.sources.source import CONTENT, Source
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.row_repairs import PlannedRows, RowRepairs
from rollproof.verdict.violations import Violations
from rollproof.verdict.waivers import Waivers

DEFINITIONS = facets_where(lambda row: row.holds == "definitions")


@dataclass(frozen=True, eq=False)
class Repairs:
    """The repair of the subject, made from the reference; each part is worked out when it is first asked for.

    With all foreign keys (`links`) it heeds what rows refuse, which takes scans.
    """

    before: Source
    after: Source
    accepted: Waivers
    rows: RowRepairs | None = None
    only: tuple[str, ...] = ()
    links: Mapping[str, Link] | None = None

    def __post_init__(self) -> None:
        """Raise `Misuse` if one of the names in `only`, which alone are repaired, is no object's."""
        if self.selection and (unknown := self.selection.unknown):
            raise Misuse(
                f"--only {unknown[0]}: neither the reference nor the database has an object of this name\n"
                "schema.table, schema.*, or an object's name as a report has it"
            )

    @cached_property
    def selection(self) -> Selection | None:
        """What is repaired; None if all is."""
        return Selection(self.only, self.sides) if self.only else None

    @cached_property
    def plan(self) -> Plan:
        """What undoes all differences: of definitions, and of rows if they are known."""
        whole, rows = plan(self.sides, self._found[0]), PlannedRows()
        if self.rows:
            rows = self.rows.planned(self.sides, whole, self.selection)
            whole = plan(self.sides, self._found[0], rows.steps) if rows.steps else whole
        whole = replace(whole, unmended=(*whole.unmended, *rows.left))
        if self.links is None:
            return whole
        return Violations(self.after, self.sides, rows.whole, self.links).heeded(whole)

    def statements(self, facet: str, found: Iterable[Finding]) -> Iterator[Statement]:
        """Yield the statements of the plan that undo what a check found of a facet, and all that goes and comes back with it.

        What must be mended before is named in a comment.
        """
        for finding in found:
            yield from _told(self._excerpts.of(facet, finding.subject), finding.subject)

    def of_losses(self, found: Collection[Finding]) -> Iterator[Statement]:
        """Yield the statements that bring back what a migration lost, and nothing of what it was meant to change.

        The subjects of these findings are `facet identity`.
        """
        lost = {
            each.subject: Difference(*each.subject.partition(" ")[::2], each.expected, each.actual) for each in found
        }
        excerpts = Excerpts(plan(self.sides, lost.values()))
        for subject, each in lost.items():
            yield from _told(excerpts.of(each.facet, each.identity), subject)

    @cached_property
    def _excerpts(self) -> Excerpts:
        return Excerpts(self.plan)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The differences of definitions that are neither accepted, harmless, nor of spelling alone."""
        return self._found[0]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What could not be compared, and why."""
        return (*self._found[1], *(self.rows.remarks if self.rows else ()))

    @cached_property
    def sides(self) -> Sides:
        """Both sides, as the plan is made of them."""
        now = side_of(self.after, (*CONTENT, DUMP))  # nothing is made of what the subject's pg_dump says
        return Sides(side_of(self.before), now, cache(self._has_rows))

    def _has_rows(self, table: str) -> bool:
        """Tell whether a table of the subject holds rows; where nobody can say, it may."""
        if self.after.view is None:
            return True
        whole = self.after.known("tables", EVERYTHING).facts.get(table, "").startswith("partitioned table")
        source = table if whole else f"ONLY {table}"
        query = f"SELECT EXISTS (SELECT FROM {source})".encode()
        try:
            row = self.after.view.ask(lambda it: it.execute(query).fetchone(), reads=[source])
        except Inconclusive:
            return True
        return row is None or bool(row[0])

    @cached_property
    def _found(self) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
        remarks: list[str] = []
        found = [each for facet in facets() if facet in DEFINITIONS for each in self._differences(facet, remarks)]
        if self.selection is None:
            return tuple(found), tuple(remarks)
        chosen, more = self.selection.among(found)
        remarks += [f"{each.facet} {each.identity}: not among what was asked for, which needs it" for each in more]
        return (*chosen, *more), tuple(remarks)

    def _differences(self, facet: str, remarks: list[str]) -> Iterator[Difference]:
        """Yield a facet's differences; what is unknown goes to `remarks`."""
        if reason := self.before.unavailable(facet) or self.after.unavailable(facet):
            remarks.append(f"{facet}: not compared: {reason}")
            return
        try:
            found, unknown = self._compared(facet)
        except Inconclusive as error:
            remarks.append(f"{facet}: unknown: {error}")
            return
        remarks += [f"{facet} {identity}: unknown: {why}" for identity, why in sorted(unknown.items())]
        yield from found

    def _compared(self, facet: str) -> tuple[tuple[Difference, ...], dict[str, str]]:
        """Return the differences that count; and the unknown facts, with reasons."""
        told = facet_pair(facet, self.before, self.after)
        was, now = told.before.known(facet, EVERYTHING), told.after.known(facet, EVERYTHING)
        unknown = {**was.unknown, **now.unknown}
        differ = [each for each in compare(facet, was.facts, now.facts) if each.identity not in unknown]
        certain, doubtful = told.sort_out(self.accepted.unaccepted(differ))
        foreign = of_other_databases(facet, self.before, self.after)
        is_no_loss = no_loss(facet, old=self.before.old)
        meant = sort_out((each for each in certain if not foreign(each) and not is_no_loss(each)), self.after)
        doubts = {each.identity: told.doubt(each) for each in doubtful}
        return tuple(meant.other), unknown | doubts | dict(meant.unknown)


def _told(excerpt: Excerpt, subject: str) -> Iterator[Statement]:
    """Yield an excerpt's statements as those that mend a subject, each with its place in the script."""
    for each in excerpt.first:
        yield Statement(
            f"-- first: {commented(f'{each.facet} {each.identity}')}, of which another finding tells", subject
        )
    for place, step in excerpt.steps:
        for sql in step.statements:
            line = f"-- {step.optional}: {commented(sql)}" if step.optional else pasteable(sql)
            yield Statement(line, subject, place + 1)


def side_of(source: Source, left_out: Container[str] = CONTENT) -> Side:
    """Return what a source knows of definitions, without waiting for scans."""
    names = [facet for facet in facets() if facet not in left_out and not source.unavailable(facet)]
    return Side({facet: facts for facet in names if (facts := _facts(source, facet)) is not None}, source.version)


def _facts(source: Source, facet: str) -> Facts | None:
    try:
        return source.known(facet, EVERYTHING).facts
    except Inconclusive:
        return None
