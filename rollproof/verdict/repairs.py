"""What would put the definitions right: all differences between two sources, and the plan that undoes them."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cached_property

from rollproof.catalog.pg_dump import FACET as DUMP
from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import facets, facets_where
from rollproof.model.no_loss import no_loss
from rollproof.model.snapshot import Facts
from rollproof.probes.shared_objects import of_other_databases
from rollproof.repair.plan import Plan, plan
from rollproof.repair.sides import Side, Sides
from rollproof.sources.cross_version import facet_pair
from rollproof.sources.equivalence import sort_out
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT, Source
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.waivers import Waivers

_DEFINITIONS = facets_where(lambda row: row.holds == "definitions")


@dataclass(frozen=True, eq=False)
class Repairs:
    """The repair of the subject, made from the reference; each part is worked out when it is first asked for."""

    before: Source
    after: Live
    accepted: Waivers

    @cached_property
    def plan(self) -> Plan:
        """What undoes all differences of definitions."""
        return plan(self.sides, self._found[0])

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The differences of definitions that are neither accepted, harmless, nor of spelling alone."""
        return self._found[0]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What could not be compared, and why."""
        return self._found[1]

    @cached_property
    def sides(self) -> Sides:
        """Both sides, as the plan is made of them."""
        return Sides(
            _side(self.before), _side(self.after, (*CONTENT, DUMP))
        )  # nothing is made of what the subject's pg_dump says

    @cached_property
    def _found(self) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
        remarks: list[str] = []
        found = [each for facet in self._facets() for each in self._differences(facet, remarks)]
        return tuple(found), tuple(remarks)

    def _facets(self) -> list[str]:
        """Return the facets of definitions that the subject could have."""
        known = _DEFINITIONS & {*self.after.snapshot.facets, *self.after.snapshot.absent}
        return [facet for facet in facets() if facet in known]

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
        certain, doubtful = told.sort_out(self.accepted.accept(differ))
        foreign = of_other_databases(facet, self.before, self.after)
        is_no_loss = no_loss(facet, old=self.before.old)
        meant = sort_out((each for each in certain if not foreign(each) and not is_no_loss(each)), self.after)
        doubts = {each.identity: told.doubt(each) for each in doubtful}
        return tuple(meant.other), unknown | doubts | dict(meant.unknown)


def _side(source: Source, left_out: Container[str] = CONTENT) -> Side:
    """Return what a source knows of definitions, without waiting for scans."""
    names = [facet for facet in facets() if facet not in left_out and not source.unavailable(facet)]
    return Side({facet: facts for facet in names if (facts := _facts(source, facet)) is not None}, source.version)


def _facts(source: Source, facet: str) -> Facts | None:
    try:
        return source.known(facet, EVERYTHING).facts
    except Inconclusive:
        return None
